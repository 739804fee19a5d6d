"""Train the bundled small model, or go on with its training, and put it into the package.

python recipes/small/prepare.py 'tiny-imagenet-train-*.parquet' --out runs/small-data
python -m recipes.small.build --data runs/small-data --test tiny-imagenet-val.parquet --out runs/small

With `--weights` nothing is trained: the descriptor of a network that is there is chosen, quantized and calibrated anew.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

from podoba.images.resize import PixelRule, resize
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.export.model_file import export_onnx, save_model, save_weights
from podoba.learn.export.quantize import compare, quantize, sample
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.networks.network import to_unit
from podoba.learn.run import train
from podoba.metrics.calibration import LabelledSet, calibrate
from podoba.metrics.evaluation import evaluate
from podoba.models.bundled import bundled_folder
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.runs.history import Epoch
from podoba.runs.settings import BackboneSettings
from podoba.runs.settings_file import load_settings
from recipes.small.descriptor import Descriptor, Floats, Names, apply, prepared, transfer_score, unit, whitening

HERE = Path(__file__).parent
PACKAGE = bundled_folder("small")
DIM = 256
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
JUDGED = 2_500  # images of each source that judges the descriptor
REDUCED = 32  # pixels of small pictures, which the larger inputs suit less
SAMPLE = 10_000  # training images that the principal components are taken from
MOST_LOST = 0.003  # of the KNN score in 8 bits
WEAK = "Not good at faces, text and fine detail: it sees few pixels, and learned from 200 kinds of things."
LICENCE = "Tiny ImageNet (Stanford CS231n), a part of ImageNet: for research; its images belong to their authors"


def main() -> None:
    """Train to the end (resuming what is there), choose and calibrate the descriptor, write the package's files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--test", required=True, help="Tiny ImageNet's validation images")
    parser.add_argument("--out", type=Path, default=Path("runs/small"))
    parser.add_argument("--settings", type=Path, default=HERE / "settings.yaml")
    parser.add_argument("--start", type=Path, help="weights.safetensors of the round before, where the settings ask for it")
    parser.add_argument("--weights", type=Path, help="weights.safetensors of a network that is there: nothing is trained")
    parser.add_argument(
        "--choose-on", nargs="*", default=[], metavar="SOURCE", help="images of other kinds that the descriptor is chosen on too"
    )
    parser.add_argument(
        "--report", nargs=3, action="append", default=[], metavar=("NAME", "TRAIN", "TEST"),
        help="images that the finished model is judged on for its card, by the KNN score",
    )  # fmt: skip
    parser.add_argument("--sizes", type=int, nargs="+", default=[64], help="input sizes that the shipped one is chosen from")
    parser.add_argument("--version", default="1.0")
    arguments = parser.parse_args()
    start = [f"backbone.pretrained={arguments.start.resolve()}"] if arguments.start else []
    settings = load_settings(arguments.settings, start, train=str(arguments.data / "seen.parquet"), test=arguments.test)
    if arguments.weights is None:
        train(settings, arguments.out, on_epoch=report)
        weights, before = arguments.out / "weights.safetensors", Encoder(arguments.out / "model.onnx").card
    else:
        arguments.out.mkdir(parents=True, exist_ok=True)
        weights, before = arguments.weights, open_model("small").card
    name = settings.backbone.name
    found = max((choose(weights, name, arguments, size) for size in arguments.sizes), key=lambda choice: choice.mean)
    network = Descriptor(found.backbone, found.projection, roots=found.roots)
    PACKAGE.mkdir(parents=True, exist_ok=True)
    save_weights(network, PACKAGE / "weights.safetensors", half=True)
    card = before.model_copy(
        update={
            "name": "small",
            "version": arguments.version,
            "input_size": found.size,
            "dim": found.projection.out_features,
            "precision": "float32",
            "intervals": {},
            "calibration": None,
            "training_data": [
                entry.model_copy(update={"name": "Tiny ImageNet", "licence": LICENCE}) for entry in before.training_data
            ],
            "notes": f"Recipe: recipes/small. Descriptor: {found.name}. {WEAK}",
            "weights_sha256": hashlib.sha256((PACKAGE / "weights.safetensors").read_bytes()).hexdigest(),
        }
    )
    plain, small = arguments.out / "float32.onnx", arguments.out / "int8.onnx"
    export_onnx(network, card, plain, half=True)
    quantize(plain, sample(open_source(str(arguments.data / "seen.parquet")), card), small)
    encoder = lighter(
        Encoder(plain), Encoder(small), [str(arguments.data / "unseen.parquet"), arguments.test, *arguments.choose_on]
    )
    unseen, names = described(encoder, str(arguments.data / "unseen.parquet"))
    test, test_names = described(encoder, arguments.test)
    calibrated = calibrate([LabelledSet(unseen, names.tolist(), test[~np.isin(test_names, names)])])
    assert calibrated is not None  # ten classes of 500 images are enough
    metrics = {
        "KNN score of the 10 unseen classes, leave-one-out": transfer_score(unseen, names),
        "expected calibration error": calibrated.error,
    }
    intervals = {}
    for name, train_source, test_source in arguments.report:
        (gallery, labels), (queries, truth) = described(encoder, train_source), described(encoder, test_source)
        judged = evaluate(queries, truth.tolist(), gallery, labels.tolist())
        metrics[f"KNN score on {name}"] = judged.knn_score or 0.0
        intervals[f"KNN score on {name}"] = judged.intervals["knn_score"]
    facts = {
        "calibration": calibrated.calibration,
        "metrics": metrics,
        "intervals": intervals,
    }
    save_model(onnx.load(str(encoder.path)), encoder.card.model_copy(update=facts), PACKAGE / "model.onnx")
    print(f"calibration: {facts['calibration']}, expected error {calibrated.error:.4f}")
    print("| probability | share that is of one class | pairs |\n|---|---|---|")
    for mean, share, count in calibrated.curve:
        print(f"| {mean:.3f} | {share:.3f} | {count} |")


@dataclass(frozen=True)
class Choice:
    """The best descriptor at one input size."""

    size: int
    backbone: Backbone
    projection: nn.Linear
    roots: bool
    name: str
    mean: float


def choose(weights: Path, network: str, arguments: argparse.Namespace, size: int) -> Choice:
    """The linear map whose descriptors find classes best that were never learned, by the KNN score over all judges' images.

    Prints the scores of all candidates at this input size as rows of a table.
    """
    backbone = build_backbone(BackboneSettings(name=network, pretrained=str(weights), transfer="frozen"), size).eval()
    seen, _ = features_of(backbone, str(arguments.data / "seen.parquet"), SAMPLE)
    unseen = str(arguments.data / "unseen.parquet")
    judges = {
        "unseen classes": features_of(backbone, unseen, JUDGED),
        f"reduced to {REDUCED} pixels": features_of(backbone, unseen, JUDGED, REDUCED),
    }
    judges |= {Path(spec).stem: features_of(backbone, spec, JUDGED) for spec in arguments.choose_on}
    counts = [len(labels) for _, labels in judges.values()]
    if size == arguments.sizes[0]:
        print(f"| pixels | principal components of | whitening power | {' | '.join(judges)} | mean |")
        print(f"|---|---|---|{'---|' * (len(judges) + 1)}")
    choices = []
    for roots, power in itertools.product((False, True), POWERS):
        layer = whitening(prepared(seen, roots=roots), DIM, power)
        scores = [transfer_score(unit(apply(layer, prepared(found, roots=roots))), labels) for found, labels in judges.values()]
        kind = "square roots of features" if roots else "features"
        name = f"principal components of {kind}, whitening power {power:g}"
        choices.append(Choice(size, backbone, layer, roots, name, float(np.average(scores, weights=counts))))
        row = " | ".join(f"{score:.4f}" for score in [*scores, choices[-1].mean])
        print(f"| {size} | {kind} | {power:g} | {row} |", flush=True)
    return max(choices, key=lambda choice: choice.mean)


def lighter(plain: Encoder, small: Encoder, judges: list[str]) -> Encoder:
    """The model in 8 bits, if it is faster and the KNN score over all images falls by less than `MOST_LOST`; else float32."""
    scores = []
    for encoder in (plain, small):
        found = [described(encoder, spec) for spec in judges]
        sizes = [len(names) for _, names in found]
        scores.append(float(np.average([transfer_score(*one) for one in found], weights=sizes)))
    rows = np.random.default_rng(0).integers(0, 256, (256, *[plain.card.input_size] * 2, 3), dtype=np.uint8)
    speedup = compare(plain, small, rows)["speedup"]
    print(f"8 bits: KNN score {scores[1]:.4f} against {scores[0]:.4f}, {speedup:.2f} times as fast", flush=True)
    return small if speedup > 1 and scores[0] - scores[1] < MOST_LOST else plain


@cache
def described(encoder: Encoder, spec: str) -> tuple[Floats, Names]:
    """Descriptors (N, dim) and class names of all images of a source."""
    store = open_pixels(open_source(spec), encoder.card.pixels)
    return encoder.encode(store.images), np.array(store.labels)


def features_of(backbone: Backbone, spec: str, limit: int, reduced: int | None = None) -> tuple[Floats, Names]:
    """Features (N, feature_dim) and class names of at most `limit` images of a source, at equal distances.

    Args:
        reduced: pixels that the images are brought down to before, as if there were no more of them.
    """
    size = backbone.input_size
    store = open_pixels(open_source(spec), PixelRule(reduced or size, "crop"))
    rows = np.linspace(0, len(store) - 1, min(limit, len(store))).astype(np.int64)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(rows), 256):
            pixels = store.images[rows[start : start + 256]]
            if reduced is not None:
                pixels = np.stack([np.asarray(resize(Image.fromarray(image), PixelRule(size, "crop"))) for image in pixels])
            parts.append(backbone(to_unit(torch.from_numpy(pixels))).numpy())
    return cast("Floats", np.concatenate(parts)), np.array([str(store.labels[row]) for row in rows])


def report(row: Epoch) -> None:
    """One line an epoch."""
    print(
        f"epoch {row.epoch}: training {row.training_loss:.4f}, validation {row.validation_loss}, {row.seconds:.0f} s", flush=True
    )


if __name__ == "__main__":
    main()
