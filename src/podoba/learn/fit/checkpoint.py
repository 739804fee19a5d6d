"""Checkpoints: written whole or not at all, read without running any code of theirs."""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from podoba.errors import TrainingError
from podoba.runs.history import Epoch

State = dict[str, Tensor]


@dataclass
class Progress:
    """How far a training has come: all that the next epoch depends on."""

    fingerprint: str
    epoch: int = 0  # epochs finished
    history: list[Epoch] = field(default_factory=list)
    state: State = field(default_factory=dict)
    average: State = field(default_factory=dict)
    best_epoch: int = 0
    best_state: State = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    steps: int = 0  # of the optimizer in the present phase
    finished: bool = False


def save_checkpoint(progress: Progress, path: Path) -> None:
    """Write atomically: a run killed here keeps the checkpoint before."""
    values = dict(vars(progress))
    values["history"] = [astuple(row) for row in progress.history]
    draft = path.with_suffix(".tmp")
    torch.save(values, draft)
    os.replace(draft, path)


def load_checkpoint(path: Path, fingerprint: str) -> Progress | None:
    """The progress of a run, None where it has not finished an epoch yet.

    Raises:
        TrainingError: a damaged checkpoint, or one of other settings or data.
    """
    if not path.exists():
        return None
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
        progress = Progress(**values)
    except Exception as error:  # torch raises errors of many unrelated types for a damaged file
        raise TrainingError(f"{path}: damaged checkpoint ({type(error).__name__}): delete it to start anew") from error
    if progress.fingerprint != fingerprint:
        raise TrainingError(f"{path.parent}: this run was begun with other settings or images: choose another --out")
    progress.history = [Epoch(*row) for row in values["history"]]
    return progress


def learned_state(module: nn.Module) -> State:
    """Copies of what a module has learned or gathered: all but the parts of the backbone in which nothing learns."""
    network = getattr(module, "network", module)
    left_out = "network.backbone." if getattr(network, "frozen", False) else None
    return {
        key: value.detach().clone()
        for key, value in module.state_dict().items()
        if left_out is None or not key.startswith(left_out)
    }


def restore_state(module: nn.Module, state: State) -> None:
    """Put `learned_state` back."""
    missing, unexpected = module.load_state_dict(state, strict=False)
    wrong = [key for key in missing if not key.startswith("network.backbone.")] + list(unexpected)
    if wrong:
        raise TrainingError(f"the checkpoint does not fit the network at {wrong[0]!r}: delete it to start anew")
