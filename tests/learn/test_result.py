from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from podoba.images.resize import PixelRule
from podoba.learn.data.load import load_data
from podoba.learn.fit.checkpoint import TrainingState
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.result import write_result
from podoba.learn.setup import build_network, resolve
from podoba.models.encoder import Encoder
from podoba.runs.history import Epoch
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.summary import RunSummary

STATE = TrainingState(
    "abc",
    best_epoch=2,
    history=[Epoch(1, 0.5, 0.75, 1e-3, 9.0), Epoch(2, 0.25, 0.5, 1e-3, 1.0), Epoch(3, 0.125, 0.625, 1e-3, 2.0)],
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    (tmp_path / "colours").mkdir()
    return RunFolder(tmp_path / "colours")


def written(settings: Settings, folder: RunFolder) -> RunSummary:
    torch.manual_seed(0)
    backbone = build_backbone(settings.backbone, 16)
    settings = resolve(settings, backbone)
    network = build_network(settings, backbone, 3)
    return write_result(
        network, load_data(settings, PixelRule(16)), settings, STATE, folder, Fabric(accelerator="cpu", devices=1)
    )


def test_the_summary_is_that_of_the_history_and_the_scores(small: Callable[..., Settings], folder: RunFolder) -> None:
    summary = written(small(), folder)
    assert summary == folder.read_summary()
    assert (summary.epochs, summary.best_epoch, summary.judged_on) == (3, 2, "validation")
    assert (summary.min_validation_loss, summary.min_validation_epoch) == (0.5, 2)
    assert (summary.min_training_loss, summary.min_training_epoch) == (0.125, 3)
    assert (summary.seconds_per_epoch, summary.total_seconds) == (1.5, 12.0)  # the first epoch also warms up
    evaluation = folder.read_evaluation()
    assert summary.knn_score == evaluation["knn_score"]
    assert evaluation["judged_on"] == "validation"
    assert folder.read_environment()["packages"]["torch"]


def test_the_model_carries_its_card(small: Callable[..., Settings], folder: RunFolder) -> None:
    summary = written(small(loss={"name": "triplet"}), folder)
    card = Encoder(folder.model, 1).card
    assert (card.name, card.loss, card.backbone, card.dim) == ("colours", "triplet", "small-digits", 8)
    assert card.metrics["knn_score"] == summary.knn_score
    assert card.intervals["knn_score"][0] <= summary.knn_score <= card.intervals["knn_score"][1]
    assert (card.training_data[0].name, card.training_data[0].images) == ("coloured", 48)
    assert card.weights_sha256 == hashlib.sha256(folder.weights.read_bytes()).hexdigest()


def test_the_summary_is_written_last(small: Callable[..., Settings], folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("podoba.learn.result.export_onnx", full)
    with pytest.raises(OSError, match="No space"):
        written(small(), folder)
    assert not folder.finished


def test_where_nothing_was_judged_there_are_no_results(small: Callable[..., Settings], folder: RunFolder) -> None:
    summary = written(small(validation=0.0), folder)
    assert (summary.knn_score, summary.judged_on) == (None, None)
    assert folder.read_retrieval_results() is None
