"""The folder of one training: the only place that knows the names of its files. No torch here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from podoba.errors import TrainingError
from podoba.files import write_json
from podoba.models.names import FILE, WEIGHTS
from podoba.runs.history import Epoch, read_history
from podoba.runs.retrieval_results import RetrievalResults, read_retrieval_results
from podoba.runs.settings import Settings
from podoba.runs.settings_file import load_settings
from podoba.runs.summary import RunSummary, read_summary

Content = TypeVar("Content")


@dataclass(frozen=True)
class RunFolder:
    """A run folder, finished or not; it need not exist yet.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def settings(self) -> Path:
        """Every setting of the training, as YAML."""
        return self.path / "settings.yaml"

    @property
    def history(self) -> Path:
        """Losses, rate and seconds of every epoch, as CSV."""
        return self.path / "history.csv"

    @property
    def checkpoint(self) -> Path:
        """All that the next epoch depends on; a training that was stopped goes on from it."""
        return self.path / "checkpoint.pt"

    @property
    def model(self) -> Path:
        """The model file: images in, descriptors out."""
        return self.path / FILE

    @property
    def weights(self) -> Path:
        """The weights of the whole network, for further training."""
        return self.path / WEIGHTS

    @property
    def head(self) -> Path:
        """The head that was learned from the marks of a collection; only in the folder of such a training."""
        return self.path / "head.safetensors"

    @property
    def evaluation(self) -> Path:
        """The scores of the model, as JSON."""
        return self.path / "evaluation.json"

    @property
    def retrieval_results(self) -> Path:
        """What the scores were computed from: descriptors, labels and what each query found."""
        return self.path / "retrieval.npz"

    @property
    def environment(self) -> Path:
        """Versions and machine, as JSON."""
        return self.path / "environment.json"

    @property
    def summary(self) -> Path:
        """What the training came to, as JSON; it is written last."""
        return self.path / "summary.json"

    @property
    def error(self) -> Path:
        """Why the training failed, where it is one of a study."""
        return self.path / "error.txt"

    @property
    def learning_curves(self) -> Path:
        """The losses over the epochs, drawn."""
        return self.path / "figures" / "learning-curves.png"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def mlflow(self) -> Path:
        """Folder of MLflow's file store, where no other store was named."""
        return self.path / "mlruns"

    @property
    def finished(self) -> bool:
        """Whether the training came to its end."""
        return self.summary.exists()

    def read_settings(self) -> Settings:
        """The settings. Raises `SettingsError`."""
        return load_settings(self.settings)

    def read_summary(self) -> RunSummary:
        """What the training came to. Raises `TrainingError` where it is not finished, or damaged."""
        return self._read(self.summary, read_summary)

    def read_history(self) -> list[Epoch]:
        """The epochs so far; none before the first one ended. Raises `TrainingError` for a damaged file."""
        return self._read(self.history, read_history) if self.history.exists() else []

    def read_evaluation(self) -> dict[str, Any]:
        """The scores and `judged_on`. Raises `TrainingError` where the training is not finished, or damaged."""
        return self._read(self.evaluation, _read_json)

    def read_environment(self) -> dict[str, Any]:
        """Versions and machine. Raises `TrainingError` where the training is not finished, or damaged."""
        return self._read(self.environment, _read_json)

    def read_retrieval_results(self) -> RetrievalResults | None:
        """What each query found; None where there was nothing to be judged on. Raises `TrainingError` for a damaged file."""
        return self._read(self.retrieval_results, read_retrieval_results) if self.retrieval_results.exists() else None

    def write_evaluation(self, values: dict[str, Any]) -> None:
        """Write the scores and `judged_on`, atomically. Raises `OSError`."""
        write_json(self.evaluation, values)

    def write_environment(self, values: dict[str, Any]) -> None:
        """Write versions and machine, atomically. Raises `OSError`."""
        write_json(self.environment, values)

    def _read(self, path: Path, read: Callable[[Path], Content]) -> Content:
        try:
            return read(path)
        except (OSError, ValueError, TypeError) as error:
            raise TrainingError(f"{path}: damaged or missing ({error}): delete this folder and train again") from error


def _read_json(path: Path) -> dict[str, Any]:
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    return values
