from __future__ import annotations

from pathlib import Path

import pytest

from podoba.runs.run_folder import RunFolder
from podoba.runs.summary import RunSummary


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture
def summary(folder: RunFolder) -> RunSummary:
    return RunSummary(
        run=str(folder.path), model=str(folder.model), loss="triplet", epochs=3, best_epoch=2, min_validation_loss=None,
        min_validation_epoch=None, min_training_loss=0.25, min_training_epoch=3, seconds_per_epoch=0.5, total_seconds=1.5,
        knn_score=0.75,
        untrained_knn_score=None, transfer="frozen", calibration_error=None,
        parameters=100, trainable_parameters=10, judged_on="validation", notes=["10 images skipped"],
    )  # fmt: skip
