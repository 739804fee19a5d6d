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
from podoba.learn.fit.loggers import LOGGERS, MLFLOW_MARKER, open_loggers
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings

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
    return mlflow_client(folder).get_run((folder / MLFLOW_MARKER).read_text(encoding="utf-8"))


def read_mlflow(folder: Path) -> Steps:
    client, run = mlflow_client(folder), mlflow_run(folder)
    return {
        name: [(row.step, row.value) for row in client.get_metric_history(run.info.run_id, name)] for name in run.data.metrics
    }


READERS: dict[str, Callable[[Path], Steps]] = {"tensorboard": read_tensorboard, "mlflow": read_mlflow}
every_logger = pytest.mark.parametrize("name", LOGGERS)


def test_settings_name_every_logger() -> None:
    [names] = get_args(Settings.model_fields["loggers"].annotation)
    assert set(get_args(names)) == set(LOGGERS) == set(READERS)


@every_logger
def test_the_numbers_of_each_epoch_can_be_read_back(name: str, tmp_path: Path) -> None:
    [logger] = open_loggers([name], RunFolder(tmp_path))
    for epoch, loss in ((1, 2.0), (2, 1.5)):
        logger.log({"training_loss": loss, "validation_loss": float("nan") if epoch == 1 else 0.25}, epoch)
    logger.close()
    read = READERS[name](tmp_path)
    assert read["training_loss"] == [(1, 2.0), (2, 1.5)]
    assert [step for step, _ in read["validation_loss"]] == [1, 2]
    assert read["validation_loss"][1] == (2, 0.25)


@every_logger
def test_a_run_that_was_killed_goes_on_and_shows_every_epoch_once(name: str, tmp_path: Path) -> None:
    [killed] = open_loggers([name], RunFolder(tmp_path))
    for epoch in (1, 2, 3):
        killed.log({"training_loss": 1 / epoch}, epoch)
    del killed  # never closed
    [resumed] = open_loggers([name], RunFolder(tmp_path))
    for epoch in (3, 4):  # killed before the checkpoint of epoch 3 was written
        resumed.log({"training_loss": 1 / epoch}, epoch)
    resumed.close()
    read = READERS[name](tmp_path)["training_loss"]
    assert [step for step, _ in read] == [1, 2, 3, 4]
    assert [value for _, value in read] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])


@every_logger
def test_a_run_without_an_epoch_can_be_closed(name: str, tmp_path: Path) -> None:
    [logger] = open_loggers([name], RunFolder(tmp_path))
    logger.close()


@every_logger
def test_one_that_is_not_installed_names_the_extra(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=r"podoba\[loggers\]"):
        open_loggers([name], RunFolder(tmp_path))


def test_both_at_once_and_none(tmp_path: Path) -> None:
    assert open_loggers([], RunFolder(tmp_path)) == []
    assert len(open_loggers(list(LOGGERS), RunFolder(tmp_path))) == 2


def test_mlflow_has_the_settings_and_how_the_run_ended(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-run"
    folder.mkdir()
    (folder / "settings.yaml").write_text("epochs: 3\nhead: {dim: 8, hidden: null}\naugmentation: {name: [flip, crop]}\n")
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
    assert run.data.params == {"epochs": "3", "head.dim": "8", "head.hidden": "None", "augmentation.name": "['flip', 'crop']"}
    [logger] = open_loggers(["mlflow"], RunFolder(folder))
    assert mlflow_run(folder).info.status == "RUNNING"
    logger.close()
    assert mlflow_run(folder).info.status == "FINISHED"


def test_mlflow_takes_the_store_and_the_experiment_of_its_own_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "shared").as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "flowers")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        [logger] = open_loggers(["mlflow"], RunFolder(tmp_path / name))
        logger.log({"training_loss": 1.0}, 1)
        logger.close()
    client = mlflow_client(tmp_path)
    runs = client.search_runs([client.get_experiment_by_name("flowers").experiment_id])
    assert {run.info.run_name for run in runs} == {"a", "b"}
    assert not (tmp_path / "a" / "mlruns").exists()


@pytest.mark.parametrize("why", ["unknown", "deleted"])
def test_an_mlflow_run_that_the_store_no_longer_has_is_begun_anew(why: str, tmp_path: Path) -> None:
    [logger] = open_loggers(["mlflow"], RunFolder(tmp_path))
    logger.log({"training_loss": 2.0}, 1)
    if why == "deleted":
        mlflow_client(tmp_path).delete_run(mlflow_run(tmp_path).info.run_id)
    else:
        (tmp_path / MLFLOW_MARKER).write_text("0123456789abcdef0123456789abcdef", encoding="utf-8")
    [logger] = open_loggers(["mlflow"], RunFolder(tmp_path))
    logger.log({"training_loss": 1.0}, 1)
    logger.close()
    assert read_mlflow(tmp_path) == {"training_loss": [(1, 1.0)]}


def test_what_mlflow_prints_at_the_end_does_not_reach_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import mlflow

    [logger] = open_loggers(["mlflow"], RunFolder(tmp_path))
    monkeypatch.setattr(mlflow.MlflowClient, "set_terminated", lambda *_: print("View run at: http://..."))  # under HTTP it does
    logger.close()
    assert "View run" not in capsys.readouterr().out


def test_numbers_that_mlflow_did_not_take_are_sent_with_the_next_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    [logger] = open_loggers(["mlflow"], RunFolder(tmp_path))

    def fail(*args: object, **options: object) -> None:
        raise mlflow.MlflowException("the server is away\nat length")

    with monkeypatch.context() as away:
        away.setattr(mlflow.MlflowClient, "log_batch", fail)
        away.setattr(mlflow.MlflowClient, "set_terminated", fail)
        with pytest.warns(UserWarning, match="did not take 1 numbers, they are sent with the next epoch: the server is away$"):
            logger.log({"training_loss": 2.0}, 1)
        with (
            pytest.warns(UserWarning, match="history.csv has them"),
            pytest.warns(UserWarning, match="not told that the run has ended"),
        ):
            logger.close()
    logger.log({"training_loss": 1.0}, 2)
    logger.close()
    assert read_mlflow(tmp_path) == {"training_loss": [(1, 2.0), (2, 1.0)]}


@pytest.mark.parametrize("kind", ["server", "database"])
def test_a_store_that_cannot_be_written_is_one_line_that_says_what_to_do(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}" if kind == "server" else "nosuchdatabase://x")
    with pytest.raises(TrainingError, match="MLFLOW_TRACKING_URI") as caught:
        open_loggers(["mlflow"], RunFolder(tmp_path))
    assert "\n" not in str(caught.value)
