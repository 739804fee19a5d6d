"""Loggers, read back with the readers that people use: TensorBoard's and MLflow's own."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from podoba.errors import MissingExtra, TrainingError
from podoba.learn.fit.loggers import LOGGERS, open_loggers
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import check_settings, write_yaml

pytest.importorskip("tensorboard")
pytest.importorskip("mlflow")

Steps = dict[str, list[tuple[int, float]]]


@pytest.fixture(autouse=True)
def _own_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)
    yield
    os.environ.clear()
    os.environ.update(before)


def read_tensorboard(folder: Path) -> Steps:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    return {name: [(event.step, event.value) for event in events.Scalars(name)] for name in events.Tags()["scalars"]}


def mlflow_client(folder: Path) -> Any:
    import mlflow

    return mlflow.MlflowClient(tracking_uri=os.environ.get("MLFLOW_TRACKING_URI") or (folder / "mlruns").absolute().as_uri())


def mlflow_run(folder: Path) -> Any:
    client = mlflow_client(folder)
    [run] = client.search_runs([client.get_experiment_by_name("podoba").experiment_id])
    return run


def read_mlflow(folder: Path) -> Steps:
    client, run = mlflow_client(folder), mlflow_run(folder)
    return {
        name: [(row.step, row.value) for row in client.get_metric_history(run.info.run_id, name)] for name in run.data.metrics
    }


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder that holds settings."""
    write_yaml(check_settings({"train": "photos"}), RunFolder(tmp_path).settings)
    return RunFolder(tmp_path)


READERS: dict[str, Callable[[Path], Steps]] = {"tensorboard": read_tensorboard, "mlflow": read_mlflow}
every_logger = pytest.mark.parametrize("name", LOGGERS)


def test_settings_name_every_logger() -> None:
    [names] = get_args(Settings.model_fields["loggers"].annotation)
    assert set(get_args(names)) == set(LOGGERS) == set(READERS)


@every_logger
def test_the_numbers_of_each_epoch_can_be_read_back(name: str, folder: RunFolder) -> None:
    [logger] = open_loggers([name], folder)
    for epoch, loss in ((1, 2.0), (2, 1.5)):
        logger.log({"training_loss": loss, "validation_loss": float("nan") if epoch == 1 else 0.25}, epoch)
    logger.close()
    read = READERS[name](folder.path)
    assert read["training_loss"] == [(1, 2.0), (2, 1.5)]
    assert [step for step, _ in read["validation_loss"]] == [1, 2]
    assert read["validation_loss"][1] == (2, 0.25)


def test_tensorboard_shows_every_epoch_of_a_run_that_was_killed_once(folder: RunFolder) -> None:
    [killed] = open_loggers(["tensorboard"], folder)
    for epoch in (1, 2, 3):
        killed.log({"training_loss": 1 / epoch}, epoch)
    del killed  # never closed
    [resumed] = open_loggers(["tensorboard"], folder)
    for epoch in (3, 4):  # killed before the checkpoint of epoch 3 was written
        resumed.log({"training_loss": 1 / epoch}, epoch)
    resumed.close()
    read = read_tensorboard(folder.path)["training_loss"]
    assert [step for step, _ in read] == [1, 2, 3, 4]
    assert [value for _, value in read] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])


@every_logger
def test_a_run_without_an_epoch_can_be_closed(name: str, folder: RunFolder) -> None:
    [logger] = open_loggers([name], folder)
    logger.close()


@every_logger
def test_one_that_is_not_installed_names_the_extra(name: str, folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=r"podoba\[loggers\]"):
        open_loggers([name], folder)


def test_both_at_once_and_none(folder: RunFolder) -> None:
    assert open_loggers([], folder) == []
    assert len(open_loggers(list(LOGGERS), folder)) == 2


def test_mlflow_has_the_settings_and_how_the_run_ended(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-run"
    settings = {"train": "photos", "epochs": 3, "head": {"dim": 8, "hidden": None}, "augmentation": {"name": ["flip", "crop"]}}
    folder.mkdir()
    write_yaml(check_settings(settings), RunFolder(folder).settings)
    [logger] = open_loggers(["mlflow"], RunFolder(folder))
    logger.log({"recall@10": 0.5}, 1)
    assert mlflow_run(folder).info.status == "RUNNING"
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        logger.close()
    run = mlflow_run(folder)
    assert run.info.status == "FAILED"
    assert run.info.run_name == "cifar-run"
    assert run.data.metrics == {"recall_10": 0.5}
    parameters = {"epochs": "3", "head.dim": "8", "head.hidden": "None", "augmentation.name": "['flip', 'crop']"}
    assert run.data.params.items() >= parameters.items()


def test_mlflow_takes_the_store_and_the_experiment_of_its_own_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "shared").as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "flowers")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_yaml(check_settings({"train": "photos"}), RunFolder(tmp_path / name).settings)
        [logger] = open_loggers(["mlflow"], RunFolder(tmp_path / name))
        logger.log({"training_loss": 1.0}, 1)
        logger.close()
    client = mlflow_client(tmp_path)
    runs = client.search_runs([client.get_experiment_by_name("flowers").experiment_id])
    assert {run.info.run_name for run in runs} == {"a", "b"}
    assert not (tmp_path / "a" / "mlruns").exists()


def test_what_mlflow_prints_at_the_end_does_not_reach_stdout(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import mlflow

    [logger] = open_loggers(["mlflow"], folder)
    monkeypatch.setattr(mlflow.MlflowClient, "set_terminated", lambda *_: print("View run at: http://..."))  # under HTTP it does
    logger.close()
    assert "View run" not in capsys.readouterr().out


def test_a_store_that_fails_later_is_a_warning_and_stops_nothing(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    def fail(*args: object, **options: object) -> None:
        raise mlflow.MlflowException("the server is away\nat length")

    [logger] = open_loggers(["mlflow"], folder)
    monkeypatch.setattr(mlflow.MlflowClient, "log_metric", fail)
    monkeypatch.setattr(mlflow.MlflowClient, "set_terminated", fail)
    with pytest.warns(UserWarning, match="did not take epoch 1: the server is away$"):
        logger.log({"training_loss": 2.0}, 1)
    with pytest.warns(UserWarning, match="does not know that the run has ended: the server is away$"):
        logger.close()


@pytest.mark.parametrize("kind", ["server", "database"])
def test_a_store_that_cannot_be_written_is_one_line_that_says_what_to_do(
    kind: str, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}" if kind == "server" else "nosuchdatabase://x")
    with pytest.raises(TrainingError, match="MLFLOW_TRACKING_URI") as caught:
        open_loggers(["mlflow"], folder)
    assert "\n" not in str(caught.value)
