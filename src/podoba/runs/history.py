"""What happened epoch by epoch, and where the best one was."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from podoba.files import replacing


@dataclass(frozen=True)
class Epoch:
    """One row of `history.csv`. Losses are without the L2 penalty, so that training and validation compare."""

    epoch: int  # from 1
    training_loss: float
    validation_loss: float | None
    learning_rate: float
    seconds: float
    validation_precision: float | None = None  # of held-out images at 5 among the training images, where that is monitored

    def monitored(self, monitor: str) -> tuple[float, float]:
        """What chooses the best epoch, the lower the better: a loss, or the precision turned round, then the loss of its ties.

        The training loss stands in where nothing was held out.
        """
        loss = self.training_loss if self.validation_loss is None or monitor == "training_loss" else self.validation_loss
        precision = self.validation_precision if monitor == "validation_precision" else None
        return (0.0 if precision is None else -precision, loss)


OnEpoch = Callable[[Epoch], None]


def write_history(history: Sequence[Epoch], path: Path) -> None:
    """Write all rows, atomically. Raises `OSError`."""
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Epoch)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in history)


def read_history(path: Path) -> list[Epoch]:
    """The rows of a `history.csv`. Raises `OSError`, `ValueError` or `TypeError` for a missing or damaged file."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != [field.name for field in fields(Epoch)]:
            raise ValueError(f"its columns are {reader.fieldnames}")
        return [
            Epoch(
                int(row["epoch"]),
                float(row["training_loss"]),
                float(row["validation_loss"]) if row["validation_loss"] else None,
                float(row["learning_rate"]),
                float(row["seconds"]),
                float(row["validation_precision"]) if row["validation_precision"] else None,
            )
            for row in reader
        ]
