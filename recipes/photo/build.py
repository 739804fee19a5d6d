"""Make the bundled model `photo` of published weights, and put it into the package: minutes, and the same bytes every time.

python recipes/small/prepare.py 'tiny-imagenet-train-*.parquet' --out runs/small-data
python -m recipes.photo.tune --data runs/small-data --out runs/photo
python -m recipes.photo.build --data runs/small-data --out runs/photo --tuned runs/photo/tuned.safetensors \\
    --report CIFAR-10 cifar10-train.parquet cifar10-test.parquet --report flowers flowers-train.parquet flowers-val.parquet
python -m recipes.calibrate photo food101-64-train.parquet grocery-train.parquet grocery-test.parquet \\
    tiny-imagenet-val.parquet --write
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from safetensors.torch import load_file

from podoba.images.sources.open import open_source
from podoba.learn.data.feature_extractor import Engine, extractor
from podoba.learn.data.pixels import PixelStore, open_pixels
from podoba.learn.export.model_file import export_onnx, save_model, save_weights
from podoba.learn.export.quantize import compare, quantize, sample
from podoba.learn.networks.backbones import Backbone
from podoba.learn.networks.network import to_unit
from podoba.metrics.evaluation import evaluate
from podoba.models.bundled import bundled_folder
from podoba.models.card import Card, TrainingData
from podoba.models.encoder import Encoder
from recipes.photo.published import NETWORK, published_backbone

PACKAGE = bundled_folder("photo")
SIZE = 160
CENTRED_ON = 6_000  # images that the mean of the features is taken from
CREATED = "2026-11-26"  # part of the file, which is to be the same whenever it is made
BATCH = 32
ORIGIN = "ImageNet (ILSVRC 2012), learned by the TensorFlow Authors, converted by ML Illustrated"
LICENCE = "weights: Apache-2.0; the images of ImageNet have terms of their own and belong to their authors"
LEARNED_FROM = TrainingData(name=ORIGIN, images=1_281_167, classes=1000, licence=LICENCE)
TINY = "a part of ImageNet: for research; its images belong to their authors"
TUNED_ON = TrainingData(name="Tiny ImageNet, for tuning", images=16_000, classes=190, licence=TINY)
CHANGES = (
    "Changed: the last 1x1 convolution and the classifier are left out, the later stages were tuned on Tiny ImageNet to give "
    "copies that lost something the descriptor of the picture, the mean of the features is subtracted, and it computes in 8 bits."
)
WEAK = "Not good at faces and text."


def main() -> None:
    """Fetch the weights, centre the features, quantize, judge, and write the package's files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that recipes/small/prepare.py wrote")
    parser.add_argument("--out", type=Path, default=Path("runs/photo"), help="folder for what is fetched and made on the way")
    parser.add_argument("--tuned", type=Path, help="what recipes/photo/tune.py wrote; without it: the weights as published")
    parser.add_argument(
        "--report", nargs=3, action="append", default=[], metavar=("NAME", "TRAIN", "TEST"),
        help="images that the finished model is judged on for its card, by the KNN score",
    )  # fmt: skip
    arguments = parser.parse_args()
    seen = open_source(str(arguments.data / "seen.parquet"))
    backbone = published_backbone(arguments.out, SIZE)
    if arguments.tuned:
        backbone.body.load_state_dict(load_file(arguments.tuned))
    card = Card.make(
        name="photo",
        version="1.0",
        input_size=SIZE,
        dim=backbone.feature_dim,
        resize="crop",
        backbone=NETWORK,
        training_data=[LEARNED_FROM, *([TUNED_ON] if arguments.tuned else [])],
        created=CREATED,
        notes=f"Recipe: recipes/photo. {CHANGES} {WEAK}",
    )
    centre(backbone, open_pixels(seen, card.pixels))
    PACKAGE.mkdir(parents=True, exist_ok=True)
    save_weights(backbone, PACKAGE / "weights.safetensors", half=True)
    facts: dict[str, Any] = {"weights_sha256": hashlib.sha256((PACKAGE / "weights.safetensors").read_bytes()).hexdigest()}
    plain, small = arguments.out / "float32.onnx", arguments.out / "int8.onnx"
    export_onnx(backbone, card, plain)
    pixels = sample(seen, card)
    quantize(plain, pixels, small)
    encoder = Encoder(small, device="cpu")
    gains = compare(Encoder(plain, device="cpu"), encoder, pixels)
    print(f"8 bits: cosine {gains['cosine']:.4f} to float32, {gains['speedup']:.2f} times as fast, {gains['bytes']:.0f} bytes")

    facts |= {"metrics": {}, "intervals": {}}
    for name, *specs in arguments.report:
        gallery, queries = (open_pixels(open_source(spec), card.pixels) for spec in specs)
        judged = evaluate(encoder.encode(queries.images), queries.labels, encoder.encode(gallery.images), gallery.labels)
        facts["metrics"][f"KNN score on {name}"] = judged.knn_score
        facts["intervals"][f"KNN score on {name}"] = judged.intervals["knn_score"]
        print(f"{name}: KNN score {judged.knn_score:.4f}, MAP@R {judged.metrics['map@r']:.4f}", flush=True)
    save_model(onnx.load(str(small)), encoder.card.model_copy(update=facts), PACKAGE / "model.onnx")


def centre(backbone: Backbone, store: PixelStore) -> None:
    """Take the mean of the features of some images off all features, inside the network's last shift.

    Nothing but a sum stands behind that shift, so that the network stays what it was, with one weight less to learn.
    """
    rows = spread(len(store), CENTRED_ON)
    extract = extractor(backbone, Engine("onnxruntime", "cpu", fast_convolutions=False))
    total = np.zeros(backbone.feature_dim)
    with torch.inference_mode():
        for start in range(0, len(rows), BATCH):
            images = torch.from_numpy(store.images[rows[start : start + BATCH]])
            total += extract(to_unit(images)).sum(0, dtype=np.float64)
    last: Any = backbone.body.parts[-1][-1].bn3  # type: ignore[index, union-attr]
    with torch.no_grad():
        last.bias -= torch.from_numpy(total / len(rows)).float()


def spread(count: int, most: int) -> Any:
    """At most so many rows of `count`, at equal distances."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


if __name__ == "__main__":
    main()
