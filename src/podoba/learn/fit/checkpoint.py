"""Checkpoints: written whole or not at all, read without running any code of theirs."""

from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from podoba.errors import TrainingError
from podoba.files import replacing
from podoba.runs.history import Epoch

Weights = dict[str, Tensor]


@dataclass
class TrainingState:
    """How far a training has come: all that the next epoch depends on."""

    fingerprint: str
    epoch: int = 0  # epochs finished
    history: list[Epoch] = field(default_factory=list)
    weights: Weights = field(default_factory=dict)
    average: Weights = field(default_factory=dict)
    start_precision: float | None = None  # of the held-out images before the first epoch; None: not monitored
    best_epoch: int = 0  # 0: no epoch was better than the start
    best_weights: Weights = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    steps: int = 0  # of the optimizer in the present phase
    finished: int = 0  # the epochs of the settings by which the training came to its end; 0: it has not


def save_checkpoint(state: TrainingState, path: Path) -> None:
    """Write atomically: a run killed here keeps the checkpoint before. Raises `OSError`."""
    values = dict(vars(state))
    values["history"] = [astuple(row) for row in state.history]
    with replacing(path) as draft:
        torch.save(values, draft)


def load_checkpoint(path: Path, fingerprint: str) -> TrainingState | None:
    """The state of a run, None where it has not finished an epoch yet.

    Raises:
        TrainingError: a damaged checkpoint, or one of other settings or data.
    """
    if not path.exists():
        return None
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
        state = TrainingState(**values)
    except Exception as error:  # torch raises errors of many unrelated types for a damaged file
        raise TrainingError(f"{path}: damaged checkpoint ({type(error).__name__}): delete it to start again") from error
    if state.fingerprint != fingerprint:
        raise TrainingError(f"{path.parent}: this run was begun with other settings or images: choose another --out")
    state.history = [Epoch(*row) for row in values["history"]]
    return state


def learned_weights(module: nn.Module) -> Weights:
    """Copies of what a module has learned or gathered: all but the parts of the backbone in which nothing learns."""
    return {key: value.detach().clone() for key, value in _learned(module).items()}


def _learned(module: nn.Module) -> Weights:
    network = getattr(module, "network", module)
    left_out = "network.backbone." if getattr(network, "frozen", False) else None
    return {key: value for key, value in module.state_dict().items() if left_out is None or not key.startswith(left_out)}


def first_not_finite(module: nn.Module) -> str | None:
    """The name of a weight of `learned_weights` that holds what is no finite number; None where none does."""
    learned = _learned(module)
    return next((key for key, value in learned.items() if value.is_floating_point() and not value.isfinite().all()), None)


def restore_weights(module: nn.Module, weights: Weights) -> None:
    """Put `learned_weights` back. Raises `TrainingError` where they are those of another network."""
    missing, unexpected = module.load_state_dict(weights, strict=False)
    wrong = [key for key in missing if not key.startswith("network.backbone.")] + list(unexpected)
    if wrong:
        raise TrainingError(f"the checkpoint does not fit the network at {wrong[0]!r}: delete it to start again")
