"""Loggers by name: each writes the numbers of an epoch somewhere else as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from podoba.errors import require


class Logger(Protocol):
    """Takes the numbers of an epoch; an epoch logged again replaces itself."""

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Write the metrics of an epoch."""

    def close(self) -> None:
        """Write what is still held."""


class TensorBoardLogger:
    """Event files in the run folder, for `tensorboard --logdir`."""

    def __init__(self, folder: Path) -> None:
        require("tensorboard", "loggers")
        writer: Any = require("torch.utils.tensorboard", "loggers").SummaryWriter
        self.writer = writer(str(folder / "tensorboard"))

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        for name, value in metrics.items():
            self.writer.add_scalar(name, value, epoch)

    def close(self) -> None:
        self.writer.close()


class MlflowLogger:
    """A run of MLflow, on the server of `MLFLOW_TRACKING_URI`, else in a folder beside the run."""

    def __init__(self, folder: Path) -> None:
        mlflow: Any = require("mlflow", "loggers")
        import os

        uri = os.environ.get("MLFLOW_TRACKING_URI") or (folder / "mlruns").absolute().as_uri()
        if uri.startswith("file:"):
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        self.client = mlflow.MlflowClient(tracking_uri=uri)
        name = "podoba"
        experiment = self.client.get_experiment_by_name(name)
        self.experiment = experiment.experiment_id if experiment else self.client.create_experiment(name)
        marker = folder / "mlflow-run.txt"
        if marker.exists():
            self.run = marker.read_text(encoding="utf-8")
        else:
            self.run = self.client.create_run(self.experiment, run_name=folder.name).info.run_id
            marker.write_text(self.run, encoding="utf-8")

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        for name, value in metrics.items():
            self.client.log_metric(self.run, name, value, step=epoch)

    def close(self) -> None:
        self.client.set_terminated(self.run)


LOGGERS: dict[str, Callable[[Path], Logger]] = {"tensorboard": TensorBoardLogger, "mlflow": MlflowLogger}


def open_loggers(names: Sequence[str], folder: Path) -> list[Logger]:
    """The loggers of these names, writing into or beside the run folder. Raises `MissingExtra`."""
    return [LOGGERS[name](folder) for name in names]
