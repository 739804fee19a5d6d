"""Loggers by name: each writes the numbers of an epoch somewhere else as well."""

from __future__ import annotations

import os
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Protocol

import yaml

from podoba.errors import TrainingError, require
from podoba.runs.run_folder import RunFolder

MLFLOW_MARKER = "mlflow-run.txt"  # in the run folder: which MLflow run goes on when the training does


class Logger(Protocol):
    """Takes the numbers of each epoch; one that a resumed run logs a second time appears once."""

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Write the metrics of an epoch, counted from 1."""

    def close(self) -> None:
        """Write what is still held, and say that the run has ended."""


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
    """A run of MLflow: on the store of `MLFLOW_TRACKING_URI`, else in files in `mlruns/` of the run folder.

    The settings become parameters. What the store does not take for a while is kept and sent with the next epoch: a
    tracking server that fails never stops a training.
    """

    def __init__(self, folder: RunFolder) -> None:
        # Nothing is reported to anyone, an unreachable server is given up within seconds, and MLflow's file store, which
        # its later versions take for old, stays allowed: it is the only one that mlflow-skinny brings.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        self.mlflow: Any = require("mlflow", "loggers")
        self.entities: Any = require("mlflow.entities", "loggers")
        uri = os.environ.get("MLFLOW_TRACKING_URI") or folder.mlflow.absolute().as_uri()
        self.pending: list[Any] = []
        try:
            self.client = self.mlflow.MlflowClient(tracking_uri=uri)
            self.logged: set[tuple[str, int]] = set()
            self.run = self._resume(folder) or self._create(folder)
        except (self.mlflow.MlflowException, ImportError, OSError) as error:
            raise TrainingError(
                f"MLflow cannot write to {uri} ({_first_line(error)}): start that server, "
                "or set MLFLOW_TRACKING_URI to another store, or take mlflow out of loggers"
            ) from error

    def log(self, metrics: Mapping[str, float], epoch: int) -> None:
        now = int(self.mlflow.utils.time.get_current_time_millis())
        for name, value in metrics.items():
            name = re.sub(r"[^\w\-. /]", "_", name)  # recall@10 is no name to MLflow
            if (name, epoch) not in self.logged:
                self.logged.add((name, epoch))
                self.pending.append(self.entities.Metric(name, float(value), now, epoch))
        self._send()

    def close(self) -> None:
        self._send(last=True)
        status = "FINISHED" if sys.exc_info()[0] is None else "FAILED"
        try:
            with redirect_stdout(sys.stderr):  # MLflow prints the run's address, and stdout is for results
                self.client.set_terminated(self.run, status)
        except self.mlflow.MlflowException as error:
            warnings.warn(f"MLflow was not told that the run has ended: {_first_line(error)}", stacklevel=2)

    def _resume(self, folder: RunFolder) -> str | None:
        """The MLflow run that an earlier part of this training wrote to, open again; None where there is none."""
        marker = folder.path / MLFLOW_MARKER
        if not marker.exists():
            return None
        run = marker.read_text(encoding="utf-8").strip()
        try:
            found = self.client.get_run(run)
        except self.mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None  # the store is another one now
        if found.info.lifecycle_stage != "active":
            return None  # deleted
        self.client.update_run(run, status="RUNNING")
        for name in found.data.metrics:
            self.logged |= {(name, row.step) for row in self.client.get_metric_history(run, name)}
        return run

    def _create(self, folder: RunFolder) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "podoba")
        experiment = self.client.get_experiment_by_name(name)
        number = experiment.experiment_id if experiment else self.client.create_experiment(name)
        run = str(self.client.create_run(number, run_name=folder.path.absolute().name).info.run_id)
        parameters = [self.entities.Param(key, value) for key, value in _parameters(folder.settings).items()]
        for start in range(0, len(parameters), 100):  # MLflow takes at most 100 at once
            self.client.log_batch(run, params=parameters[start : start + 100])
        (folder.path / MLFLOW_MARKER).write_text(run, encoding="utf-8")
        return run

    def _send(self, last: bool = False) -> None:
        if not self.pending:
            return
        try:
            self.client.log_batch(self.run, metrics=self.pending)
            self.pending = []
        except self.mlflow.MlflowException as error:
            fate = "history.csv has them" if last else "they are sent with the next epoch"
            warnings.warn(f"MLflow did not take {len(self.pending)} numbers, {fate}: {_first_line(error)}", stacklevel=3)


LOGGERS: dict[str, Callable[[RunFolder], Logger]] = {"tensorboard": TensorBoardLogger, "mlflow": MlflowLogger}


def open_loggers(names: Sequence[str], folder: RunFolder) -> list[Logger]:
    """The loggers of these names, writing for the run in `folder`; where it was logged before, they go on.

    Raises:
        MissingExtra: where the logger's package is not installed.
        TrainingError: where MLflow's store cannot be written to.
    """
    return [LOGGERS[name](folder) for name in names]


def _parameters(path: Path) -> dict[str, str]:
    """Every setting of a settings file as `group.key`; none where there is no such file."""
    if not path.exists():
        return {}
    flat: dict[str, str] = {}

    def walk(prefix: str, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            if isinstance(value, Mapping):
                walk(f"{prefix}{key}.", value)
            else:
                flat[prefix + str(key)] = str(value)[:500]  # the longest that every store of MLflow takes

    walk("", yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    return flat


def _first_line(error: BaseException) -> str:
    return textwrap.shorten((str(error).splitlines() or [type(error).__name__])[0], 200)
