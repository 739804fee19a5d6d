"""podoba's side of the training benchmark: one training in a fresh process; prints one JSON object.

Run by benchmarks/training.py: python podoba_training.py SOURCE --case CASE --epochs N
Decoding, caches, export of the model and its evaluation are all on the clock; only the imports are not.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from podoba.learn.run import train
from podoba.runs.history import Epoch
from podoba.runs.settings import Settings

PAPER_HEAD = {"hidden": 512, "dim": 512, "dropout": 0.5, "activation": "none", "l2": 1e-4}


def settings_of(source: str, case: str, epochs: int) -> Settings:
    """The paper's experiment: VGG16 with random weights at 32x32 pixels, its head, cross-entropy, Adam."""
    values: dict[str, Any] = {
        "train": source,
        "validation": 0.1,
        "input_size": 32,
        "epochs": epochs,
        "batch_size": 128,
        "backbone": {"name": "vgg16", "pretrained": False, "transfer": "finetune" if case == "finetune" else "frozen"},
        "head": PAPER_HEAD,
        "loss": {"name": "cross-entropy"},
        "optimizer": {"name": "adam", "lr": 1e-3} if case != "finetune" else {"name": "adam", "lr": 1e-4, "backbone_lr": 1e-4},
    }
    if case == "augmented":
        values["augmentation"] = {"name": "shift-zoom-rotate-flip", "views": 8}
    return Settings.model_validate(values)


def main() -> None:
    """Train once and print seconds per epoch, the total and the last losses as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="any image source of podoba")
    parser.add_argument("--case", choices=["frozen", "augmented", "finetune"], required=True)
    parser.add_argument("--epochs", type=int, required=True)
    arguments = parser.parse_args()
    settings = settings_of(arguments.source, arguments.case, arguments.epochs)
    history: list[Epoch] = []
    marks, processor = [time.perf_counter()], time.process_time()

    def on_epoch(row: Epoch) -> None:
        history.append(row)
        marks.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        train(settings, Path(folder) / "run", on_epoch=on_epoch)
        total = time.perf_counter() - marks[0]
    json.dump(
        {
            "total": total,
            "processor_seconds": time.process_time() - processor,
            # From mark to mark, so decoding and features are in the first epoch, and writing checkpoints in every one.
            "epochs": [after - before for before, after in itertools.pairwise(marks)],
            "loss": history[-1].training_loss,
            "validation_loss": history[-1].validation_loss,
            "version": f"podoba {version('podoba')}, torch {torch.__version__}",
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
