"""The folder of one training: the only place that knows the names of its files. No torch here."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from podoba.errors import TrainingError
from podoba.models.names import FILE, WEIGHTS
from podoba.runs.history import Epoch, read_history
from podoba.runs.retrieval_results import RetrievalResults, read_retrieval_results
from podoba.runs.settings import Settings
from podoba.runs.settings_file import load_settings
from podoba.runs.summary import RunSummary

Content = TypeVar("Content")


class FolderFile:
    """The path of a file in a folder, as an attribute of the class of the folder."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts

    def __get__(self, folder: Any, owner: type) -> Path:
        return Path(folder.path, *self.parts)


@dataclass(frozen=True)
class RunFolder:
    """A run folder, finished or not; it need not exist yet.

    Attributes:
        path: the folder.
    """

    path: Path

    settings = FolderFile("settings.yaml")  # every setting of the training
    history = FolderFile("history.csv")  # losses, rate and seconds of every epoch
    checkpoint = FolderFile("checkpoint.pt")  # all that the next epoch depends on; a training that was stopped goes on from it
    model = FolderFile(FILE)  # images in, descriptors out
    weights = FolderFile(WEIGHTS)  # of the whole network, for further training
    head = FolderFile("head.safetensors")  # learned from the marks of a collection; only in the folder of such a training
    evaluation = FolderFile("evaluation.json")  # the scores of the model
    retrieval_results = FolderFile("retrieval.npz")  # what the scores come from: descriptors, labels, results
    environment = FolderFile("environment.json")  # versions and machine
    summary = FolderFile("summary.json")  # what the training came to; it is written last
    error = FolderFile("error.txt")  # why the training failed, where it is one of a study
    learning_curves = FolderFile("figures", "learning-curves.png")  # the losses over the epochs, drawn
    tensorboard = FolderFile("tensorboard")  # folder of TensorBoard's event files
    mlflow = FolderFile("mlruns")  # folder of MLflow's file store, where no other store was named

    @property
    def finished(self) -> bool:
        """Whether the training came to its end."""
        return self.summary.exists()

    def read_settings(self) -> Settings:
        """The settings. Raises `SettingsError`."""
        return load_settings(self.settings)

    def read_summary(self) -> RunSummary:
        """What the training came to. Raises `TrainingError` where it is not finished, or damaged."""
        return self._read(self.summary, lambda path: RunSummary(**_read_json(path)))

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
