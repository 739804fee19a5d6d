"""Loggers by name: each writes the numbers of an epoch somewhere else as well."""

import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any, Protocol

from podoba.errors import TrainingError, require
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings_file import dotted


class Logger(Protocol):
    """Takes the numbers of each epoch."""

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Write the metrics of an epoch, counted from 1."""

    def close(self) -> None:
        """Say that the run has ended."""


class TensorBoardLogger:
    """Event files in `tensorboard/` of the run folder, for `tensorboard --logdir`."""

    def __init__(self, folder: RunFolder) -> None:
        require("tensorboard", "loggers")
        self.open_writer: Any = require("torch.utils.tensorboard", "loggers").SummaryWriter
        self.folder = folder.tensorboard
        self.writer: Any = None

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        if self.writer is None:
            # What a killed run wrote of this epoch and of later ones is hidden by the readers of the files.
            self.writer = self.open_writer(str(self.folder), purge_step=epoch)
        for name, value in metrics.items():
            self.writer.add_scalar(name, value, epoch)
        self.writer.flush()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class MlflowLogger:
    """A run of MLflow, its parameters the settings: on the store of `MLFLOW_TRACKING_URI`, else in `mlruns/` of the run folder.

    A training that is resumed is a further run of MLflow's. What the store does not take is a warning, and `history.csv` has it:
    a tracking server that fails never stops a training.
    """

    def __init__(self, folder: RunFolder) -> None:
        # Nothing is reported to anyone, an unreachable server is given up within seconds, and MLflow's file store, which
        # its later versions take for old, stays allowed: it is the only one that mlflow-skinny brings.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        mlflow = require("mlflow", "loggers")
        self.failures = (mlflow.MlflowException, ImportError, OSError)
        store = os.environ.get("MLFLOW_TRACKING_URI") or folder.mlflow.absolute().as_uri()
        try:
            self.client: Any = mlflow.MlflowClient(tracking_uri=store)
            self.run = self._create(os.environ.get("MLFLOW_EXPERIMENT_NAME", "podoba"), folder)
        except self.failures as error:
            raise TrainingError(
                f"MLflow cannot write to {store} ({_first_line(error)}): start that server, "
                "or set MLFLOW_TRACKING_URI to another store, or take mlflow out of loggers"
            ) from error

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        try:
            for name, value in metrics.items():
                self.client.log_metric(self.run, re.sub(r"[^\w\-. /]", "_", name), value, step=epoch)  # recall@1 is no name to it
        except self.failures as error:
            warnings.warn(f"MLflow did not take epoch {epoch}: {_first_line(error)}", stacklevel=2)

    def close(self) -> None:
        status = "FINISHED" if sys.exc_info()[0] is None else "FAILED"
        try:
            with redirect_stdout(sys.stderr):  # MLflow prints the run's address, and stdout is for results
                self.client.set_terminated(self.run, status)
        except self.failures as error:
            warnings.warn(f"MLflow does not know that the run has ended: {_first_line(error)}", stacklevel=2)

    def _create(self, name: str, folder: RunFolder) -> str:
        experiment = self.client.get_experiment_by_name(name)
        number = experiment.experiment_id if experiment else self.client.create_experiment(name)
        run = str(self.client.create_run(number, run_name=folder.path.absolute().name).info.run_id)
        for key, value in dotted(folder.read_settings().model_dump(mode="json")).items():
            self.client.log_param(run, key, str(value)[:500])  # the longest that every store of MLflow takes
        return run


LOGGERS: dict[str, Callable[[RunFolder], Logger]] = {"tensorboard": TensorBoardLogger, "mlflow": MlflowLogger}


def open_loggers(names: Sequence[str], folder: RunFolder) -> list[Logger]:
    """The loggers of these names, writing for the run in `folder`.

    Raises:
        MissingExtra: where the logger's package is not installed.
        TrainingError: where MLflow's store cannot be written to.
    """
    return [LOGGERS[name](folder) for name in names]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
