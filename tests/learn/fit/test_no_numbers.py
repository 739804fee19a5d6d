"""What is no number, wherever it comes up in a training: it stops there, says where, and the last good weights are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from podoba.errors import TrainingError
from podoba.learn import run
from podoba.learn.fit.objective import Objective
from podoba.runs.history import read_history
from podoba.runs.settings import Settings

Make = Callable[..., Settings]
STEPS, EPOCHS = 4, 3
PLACES = {  # what is spoiled, at which step from 1 (of all epochs) or after which epoch; what is said; epochs that are kept
    "the first loss": ("loss", 1, "the loss is not a number at epoch 1, step 1; no epoch was finished", 0),
    "a loss in the middle": ("loss", 7, "the loss is not a number at epoch 2, step 3; the weights of epoch 1 are kept", 1),
    "the last loss": ("loss", 12, "the loss is not a number at epoch 3, step 4; the weights of epoch 2 are kept", 2),
    "a penalty": ("penalty", 6, "the loss is not a number at epoch 2, step 2; the weights of epoch 1 are kept", 1),
    "a gradient in the middle": ("gradient", 6, "the loss is not a number at epoch 2, step 3; the weights of epoch 1 are", 1),
    "a gradient at the end of an epoch": ("gradient", 8, "are not numbers after the last step of epoch 2; the weights of ep", 1),
    "the last gradient": ("gradient", 12, "are not numbers after the last step of epoch 3; the weights of epoch 2 are", 2),
    "the first validation": ("validation", 1, "the validation loss is not a number after epoch 1; no epoch was finished", 0),
    "the last validation": ("validation", 3, "the validation loss is not a number after epoch 3; the weights of epoch 2", 2),
}
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "averaged": {"averaging": {"name": "ema"}, "schedule": {"name": "one-cycle"}},
    "clipped": {"gradient_clip": 1.0, "schedule": {"name": "cosine", "warmup": 1}},
    "frozen": {"backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"}},
}


def spoil(patch: pytest.MonkeyPatch, what: str, when: int, wrong: float) -> None:
    """Let a training meet a number that is none."""
    whole, calls = Objective.forward, {"training": 0, "validation": 0}

    def forward(self: Objective, inputs: Tensor, *more: Any) -> tuple[Tensor, Tensor]:
        loss, penalty = whole(self, inputs, *more)
        part = "training" if self.training else "validation"
        calls[part] += 1
        if part == "validation":
            return (loss * wrong if what == part and calls[part] == when else loss), penalty
        if calls[part] == when:
            if what == "gradient":
                next(self.network.head.parameters()).register_hook(lambda gradient: gradient.fill_(wrong))
            return (loss * wrong if what == "loss" else loss), (penalty + wrong if what == "penalty" else penalty)
        return loss, penalty

    patch.setattr(Objective, "forward", forward)


@pytest.mark.parametrize("way", ["plain", *(pytest.param(way, marks=pytest.mark.thorough) for way in WAYS if way != "plain")])
@pytest.mark.parametrize("place", PLACES)
def test_a_training_stops_where_its_numbers_end(
    small: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, way: str
) -> None:
    what, when, message, kept = PLACES[place]
    settings, out = small(epochs=EPOCHS, **WAYS[way]), tmp_path / "run"
    with monkeypatch.context() as patch:
        spoil(patch, what, when, float("nan") if way != "averaged" else float("inf"))
        with pytest.raises(TrainingError) as stopped:
            run.train(settings, out)
    assert message in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert not (out / "summary.json").exists()
    assert not (out / "model.onnx").exists()
    assert (out / "checkpoint.pt").exists() == (kept > 0)
    if kept:
        state = torch.load(out / "checkpoint.pt", weights_only=True)
        assert state["epoch"] == len(read_history(out / "history.csv")) == kept
        values = [*state["weights"].values(), *state["best_weights"].values(), *state["average"].values()]
        assert all(bool(torch.isfinite(value).all()) for value in values)
    if way == "averaged" and when > STEPS:  # what was kept is good enough to go on from, as if nothing had been
        run.train(settings, out)
        run.train(settings, tmp_path / "whole")
        one, two = (load_file(folder / "weights.safetensors") for folder in (out, tmp_path / "whole"))
        assert all(torch.equal(one[key], two[key]) for key in two)


def test_without_held_out_images_the_last_step_is_looked_at_too(
    small: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, "gradient", 10, float("nan"))
    with pytest.raises(TrainingError, match=r"the weights network\.head\.\S+ are not numbers after the last step of epoch 2"):
        run.train(small(validation=0.0, epochs=2), tmp_path / "run")
