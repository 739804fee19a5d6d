"""Train the bundled starter model, or go on with its training, and put it into the package.

python recipes/starter/build.py --train 'tiny-imagenet-train-*.parquet' --test tiny-imagenet-val.parquet --out runs/starter
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import torch
from safetensors.torch import load_file

from podoba.learn.backbones import build_backbone
from podoba.learn.export import export_onnx, save_weights
from podoba.learn.history import Epoch
from podoba.learn.run import build_network, train
from podoba.learn.settings_file import load_settings
from podoba.models.encoder import Encoder

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src" / "podoba" / "models" / "starter"


def main() -> None:
    """Train to the end (resuming what is there) and write the package's files in half precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/starter"))
    parser.add_argument("--settings", type=Path, default=HERE / "settings.yaml")
    parser.add_argument("--notes", default="Provisional: a few epochs only; a better one by the same recipe will follow.")
    arguments = parser.parse_args()
    settings = load_settings(arguments.settings, train=arguments.train, test=arguments.test)
    summary = train(settings, arguments.out, on_epoch=report)
    card = Encoder(arguments.out / "model.onnx").card.model_copy(
        update={
            "name": "starter",
            "version": "0.1",
            "created": datetime.now(UTC).date().isoformat(),
            "notes": arguments.notes,
            "metrics": {"tiny_imagenet_knn_score": summary.knn_score or 0.0},
        }
    )
    resolved = load_settings(arguments.out / "settings.yaml")
    classes = load_file(arguments.out / "weights.safetensors")["classifier.bias"].shape[0]
    network = build_network(resolved, build_backbone(resolved.backbone, resolved.input_size), classes)
    network.load_state_dict(load_file(arguments.out / "weights.safetensors"))
    PACKAGE.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        export_onnx(network, card, PACKAGE / "model.onnx", half=True)
    save_weights(network, PACKAGE / "weights.safetensors", half=True)


def report(row: Epoch) -> None:
    """One line an epoch."""
    print(
        f"epoch {row.epoch}: training {row.training_loss:.4f}, validation {row.validation_loss}, {row.seconds:.0f} s", flush=True
    )


if __name__ == "__main__":
    main()
