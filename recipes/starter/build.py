"""Train the bundled starter model, or go on with its training, and put it into the package.

python recipes/starter/prepare.py 'tiny-imagenet-train-*.parquet' --out runs/starter-data
python recipes/starter/build.py --data runs/starter-data --test tiny-imagenet-val.parquet --out runs/starter
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import cast

import numpy as np
import torch
from descriptor import Descriptor, Floats, Names, apply, calibrate, linear, transfer_score, unit, whitening
from torch import nn

from podoba.images.source import open_source
from podoba.learn.backbones import Backbone, build_backbone, load_weights
from podoba.learn.export import export_onnx, save_weights
from podoba.learn.history import Epoch
from podoba.learn.network import to_unit
from podoba.learn.pixels import open_pixels
from podoba.learn.run import train
from podoba.learn.settings import Settings
from podoba.learn.settings_file import load_settings
from podoba.models.card import Calibration, Card
from podoba.models.encoder import Encoder

Scores = dict[str, dict[str, float]]  # of a candidate, by judge
HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src" / "podoba" / "models" / "starter"
DIM = 256
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
JUDGED = 5_000  # images of each source that judges the descriptor
SAMPLE = 30_000  # training images that the principal components are taken from
WEAK = "Not good at faces, text and fine detail: it sees 64 pixels, and learned from 200 kinds of things."
LICENCE = "Tiny ImageNet (Stanford CS231n), a part of ImageNet: for research; its images belong to their authors"


def main() -> None:
    """Train to the end (resuming what is there), choose and calibrate the descriptor, write the package's files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--test", required=True, help="Tiny ImageNet's validation images")
    parser.add_argument("--out", type=Path, default=Path("runs/starter"))
    parser.add_argument("--settings", type=Path, default=HERE / "settings.yaml")
    parser.add_argument("--start", type=Path, help="weights.safetensors of the round before, where the settings ask for it")
    parser.add_argument(
        "--choose-on", nargs="*", default=[], metavar="SOURCE", help="images of other kinds that the descriptor is chosen on too"
    )
    parser.add_argument("--version", default="1.0")
    arguments = parser.parse_args()
    start = [f"backbone.pretrained={arguments.start.resolve()}"] if arguments.start else []
    settings = load_settings(arguments.settings, start, train=str(arguments.data / "seen.parquet"), test=arguments.test)
    train(settings, arguments.out, on_epoch=report)
    resolved = load_settings(arguments.out / "settings.yaml")
    backbone = build_backbone(resolved.backbone, resolved.input_size)
    load_weights(backbone, arguments.out / "weights.safetensors")
    backbone.eval()
    seen, _ = features_of(backbone, resolved, str(arguments.data / "seen.parquet"), SAMPLE)
    unseen, unseen_names = features_of(backbone, resolved, str(arguments.data / "unseen.parquet"))
    test, test_names = features_of(backbone, resolved, arguments.test)
    judges = {"unseen classes": (unseen, unseen_names)}
    judges |= {Path(spec).stem: features_of(backbone, resolved, spec, JUDGED) for spec in arguments.choose_on}
    projection, chosen, scores = choose(arguments.out / "weights.safetensors", seen, judges)
    others = unit(apply(projection, test[~np.isin(test_names, unseen_names)]))
    calibrated = calibrate(unit(apply(projection, unseen)), unseen_names, others)
    network = Descriptor(backbone, projection)
    before = Encoder(arguments.out / "model.onnx").card
    PACKAGE.mkdir(parents=True, exist_ok=True)
    save_weights(network, PACKAGE / "weights.safetensors", half=True)
    card = before.model_copy(
        update={
            "name": "starter",
            "version": arguments.version,
            "dim": projection.out_features,
            "training_data": [
                entry.model_copy(update={"name": "Tiny ImageNet", "licence": LICENCE}) for entry in before.training_data
            ],
            "calibration": Calibration(slope=calibrated.slope, intercept=calibrated.intercept),
            "metrics": {
                "knn score of the 10 unseen classes, leave-one-out": scores[chosen]["unseen classes"],
                "expected calibration error": calibrated.error,
            },
            "notes": f"Recipe: recipes/starter. Descriptor: {chosen}. {WEAK}",
            "weights_sha256": hashlib.sha256((PACKAGE / "weights.safetensors").read_bytes()).hexdigest(),
        }
    )
    export_onnx(network, card, PACKAGE / "model.onnx", half=True)
    say(card, scores, calibrated.curve)


def choose(weights: Path, seen: Floats, judges: dict[str, tuple[Floats, Names]]) -> tuple[nn.Linear, str, Scores]:
    """The linear map whose descriptors find classes best that were never learned: the mean of the KNN scores of all judges.

    Returns:
        it, its name, and the scores of every candidate.
    """
    from safetensors.torch import load_file

    state = load_file(weights)
    head = linear(state["head.descriptor.weight"].numpy(), state["head.descriptor.bias"].numpy())
    candidates = {"the trained head": head} | {
        f"principal components, whitening power {power:g}": whitening(seen, DIM, power) for power in POWERS
    }
    scores: Scores = {
        name: {judge: transfer_score(unit(apply(layer, features)), labels) for judge, (features, labels) in judges.items()}
        for name, layer in candidates.items()
    }
    best = max(scores, key=lambda name: sum(scores[name].values()))
    return candidates[best], best, scores


def features_of(backbone: Backbone, settings: Settings, spec: str, limit: int | None = None) -> tuple[Floats, Names]:
    """Features (N, feature_dim) and class names of the images of a source, of `limit` of them at equal distances."""
    assert settings.input_size is not None
    assert settings.resize is not None
    store = open_pixels(open_source(spec), settings.input_size, settings.resize)
    rows = np.arange(len(store)) if limit is None else np.linspace(0, len(store) - 1, min(limit, len(store))).astype(np.int64)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(rows), 256):
            pixels = torch.from_numpy(store.images[rows[start : start + 256]])
            parts.append(backbone(to_unit(pixels)).numpy())
    return cast("Floats", np.concatenate(parts)), np.array([str(store.labels[row]) for row in rows])


def say(card: Card, scores: Scores, curve: list[tuple[float, float, int]]) -> None:
    """What was chosen and how well it is calibrated, as Markdown for docs/starter.md."""
    judges = list(next(iter(scores.values())))
    print(f"| descriptor | {' | '.join(judges)} | mean |\n|---|{'---|' * (len(judges) + 1)}")
    for name, of in scores.items():
        print(f"| {name} | {' | '.join(f'{score:.4f}' for score in of.values())} | {sum(of.values()) / len(of):.4f} |")
    print(f"calibration: {card.calibration}, expected error {card.metrics['expected calibration error']:.4f}")
    print("| probability | share that is of one class | pairs |\n|---|---|---|")
    for mean, share, count in curve:
        print(f"| {mean:.3f} | {share:.3f} | {count} |")


def report(row: Epoch) -> None:
    """One line an epoch."""
    print(
        f"epoch {row.epoch}: training {row.training_loss:.4f}, validation {row.validation_loss}, {row.seconds:.0f} s", flush=True
    )


if __name__ == "__main__":
    main()
