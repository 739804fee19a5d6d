from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from podoba.errors import TrainingError
from podoba.learn.fit.checkpoint import (
    TrainingState,
    first_not_finite,
    learned_weights,
    load_checkpoint,
    restore_weights,
    save_checkpoint,
)
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork
from podoba.runs.history import Epoch
from podoba.runs.settings import BackboneSettings, HeadSettings

STATE = TrainingState(
    "abc",
    epoch=2,
    history=[Epoch(1, 0.5, None, 1e-3, 2.0), Epoch(2, 0.25, 0.5, 1e-3, 1.0)],
    weights={"a": torch.arange(3.0)},
    best_epoch=2,
    optimizer={"state": {0: {"step": torch.tensor(3.0)}}},
    steps=8,
)


class Whole(nn.Module):
    """As the objective of a training has it: the network under the name `network`."""

    def __init__(self, transfer: str) -> None:
        super().__init__()
        backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
        self.network = DescriptorNetwork(backbone, HeadSettings(hidden=None, dim=4), None)
        self.network.set_transfer(transfer)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_checkpoint(STATE, tmp_path / "c.pt")
    loaded = load_checkpoint(tmp_path / "c.pt", "abc")
    assert loaded is not None
    assert (loaded.history, loaded.epoch, loaded.steps, loaded.finished) == (STATE.history, 2, 8, False)
    assert torch.equal(loaded.weights["a"], STATE.weights["a"])
    assert loaded.optimizer == STATE.optimizer


def test_there_is_none_before_the_first_epoch(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "c.pt", "abc") is None


def test_those_of_other_settings_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    save_checkpoint(STATE, tmp_path / "c.pt")
    with pytest.raises(TrainingError, match="other settings or images"):
        load_checkpoint(tmp_path / "c.pt", "abd")
    for content in (b"", b"junk"):
        (tmp_path / "c.pt").write_bytes(content)
        with pytest.raises(TrainingError, match="damaged checkpoint"):
            load_checkpoint(tmp_path / "c.pt", "abc")


def test_a_crash_while_saving_leaves_the_one_before(tmp_path: Path) -> None:
    save_checkpoint(STATE, tmp_path / "c.pt")
    before = (tmp_path / "c.pt").read_bytes()
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        save_checkpoint(TrainingState("abc", optimizer={"no": lambda: None}), tmp_path / "c.pt")  # cannot be pickled
    assert (tmp_path / "c.pt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt"]


@pytest.mark.parametrize(("transfer", "kept"), [("frozen", False), ("last:1", True), ("finetune", True)])
def test_a_backbone_in_which_nothing_learns_is_left_out(transfer: str, kept: bool) -> None:
    whole = Whole(transfer)
    weights = learned_weights(whole)
    assert any(key.startswith("network.backbone.") for key in weights) is kept
    assert "network.head.descriptor.weight" in weights
    with torch.no_grad():
        whole.network.head.descriptor.weight.zero_()
    assert weights["network.head.descriptor.weight"].any()  # a copy
    restore_weights(whole, weights)
    assert torch.equal(whole.network.head.descriptor.weight, weights["network.head.descriptor.weight"])


def test_weights_of_another_network_are_refused() -> None:
    whole = Whole("frozen")
    weights = learned_weights(whole)
    del weights["network.head.descriptor.weight"]
    with pytest.raises(TrainingError, match=r"does not fit the network at 'network\.head\.descriptor\.weight'"):
        restore_weights(whole, weights)
    with pytest.raises(TrainingError, match="'other'"):
        restore_weights(whole, {**learned_weights(whole), "other": torch.zeros(1)})


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    ("transfer", "key", "seen"),
    [("frozen", "network.head", True), ("frozen", "network.backbone", False), ("finetune", "network.backbone", True)],
)
def test_a_weight_that_is_no_number_is_named_where_it_is_learned(transfer: str, key: str, seen: bool, wrong: float) -> None:
    whole = Whole(transfer)
    assert first_not_finite(whole) is None
    name, value = next((name, value) for name, value in whole.named_parameters() if name.startswith(key))
    with torch.no_grad():
        value.view(-1)[-1] = wrong
    assert first_not_finite(whole) == (name if seen else None)
