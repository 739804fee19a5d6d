"""Make the bundled model `photo` of published weights, and put it into the package.

python recipes/small/prepare.py 'tiny-imagenet-train-*.parquet' --out runs/small-data
python -m recipes.photo.build --data runs/small-data --out runs/photo
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import onnx

from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.export.model_file import export_onnx, save_model, save_weights
from podoba.learn.export.quantize import quantize, sample
from podoba.metrics.calibration import LabelledSet, calibrate
from podoba.models.card import Card, TrainingData
from podoba.models.encoder import Encoder
from podoba.models.names import bundled_folder
from recipes.photo.published import NETWORK, published_backbone

PACKAGE = bundled_folder("photo")
SIZE = 160
CREATED = "2026-11-26"  # part of the file, which is to be the same whenever it is made
ORIGIN = "ImageNet (ILSVRC 2012), by others: weights of EfficientNet-Lite0, TensorFlow Authors, converted by ML Illustrated"
LICENCE = "weights: Apache-2.0; ImageNet's images have terms of their own, and belong to their authors"
CHANGES = "Changed: last 1x1 convolution and classifier left out, computed in 8 bits."
WEAK = "Not good at faces and text."


def main() -> None:
    """Fetch the weights, write both files of the package, calibrate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that recipes/small/prepare.py wrote")
    parser.add_argument("--out", type=Path, default=Path("runs/photo"), help="folder for what is fetched and made on the way")
    arguments = parser.parse_args()
    backbone = published_backbone(arguments.out, SIZE)
    PACKAGE.mkdir(parents=True, exist_ok=True)
    save_weights(backbone, PACKAGE / "weights.safetensors", half=True)
    card = Card.make(
        name="photo",
        version="1.0",
        input_size=SIZE,
        dim=backbone.feature_dim,
        resize="crop",
        backbone=NETWORK,
        training_data=[TrainingData(name=ORIGIN, images=1_281_167, classes=1000, licence=LICENCE)],
        created=CREATED,
        weights_sha256=hashlib.sha256((PACKAGE / "weights.safetensors").read_bytes()).hexdigest(),
        notes=f"Recipe: recipes/photo. {CHANGES} {WEAK}",
    )
    plain, small = arguments.out / "float32.onnx", arguments.out / "int8.onnx"
    export_onnx(backbone, card, plain)
    quantize(plain, sample(open_source(str(arguments.data / "seen.parquet")), card), small)
    encoder = Encoder(small)
    store = open_pixels(open_source(str(arguments.data / "unseen.parquet")), card.pixels)
    calibrated = calibrate([LabelledSet(encoder.encode(store.images), [str(label) for label in store.labels])])
    assert calibrated is not None  # ten classes of 500 images are enough
    facts = {"calibration": calibrated.calibration}
    save_model(onnx.load(str(small)), encoder.card.model_copy(update=facts), PACKAGE / "model.onnx")
    print(f"calibration: {calibrated.calibration}, expected error {calibrated.error:.4f}")


if __name__ == "__main__":
    main()
