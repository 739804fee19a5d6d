from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.errors import TrainingError
from podoba.report.figures.curves import learning_curves
from podoba.runs.history import Epoch, write_history
from podoba.runs.run_folder import RunFolder


@pytest.mark.parametrize("validated", [True, False])
def test_learning_curves(tmp_path: Path, validated: bool) -> None:
    run = RunFolder(tmp_path)
    rows = [Epoch(i, 1 / i, (0.5 + (i - 3) ** 2) if validated else None, 0.1, 1.0) for i in range(1, 6)]
    write_history(rows, run.history)
    learning_curves(run, "triplet")
    pixels = np.asarray(Image.open(run.learning_curves).convert("RGB"))
    assert bool((pixels == (213, 94, 0)).all(axis=-1).any()) == validated


def test_a_damaged_history_is_named(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.history.write_text("nonsense", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"history\.csv"):
        learning_curves(run)
