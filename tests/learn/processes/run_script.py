"""Run by test_together.py under torchrun: trains, and each process keeps the weights that it ended with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

from podoba.learn.fit.checkpoint import TrainingState, learned_weights
from podoba.learn.fit.trainer import Trainer
from podoba.learn.run import train
from podoba.runs.settings_file import load_settings


class KeepingTrainer(Trainer):
    """Writes the weights of this process beside the run folder."""

    def fit(self) -> TrainingState:
        state = super().fit()
        torch.save(learned_weights(self.objective), f"{sys.argv[2]}-{os.environ.get('RANK', '0')}.pt")
        return state


if __name__ == "__main__":
    import podoba.learn.run as run

    vars(run)["Trainer"] = KeepingTrainer
    notes: list[str] = []
    train(load_settings(Path(sys.argv[1])), Path(sys.argv[2]), on_note=notes.append)
    if notes and os.environ.get("RANK", "0") != "0":
        raise SystemExit("only the first process may speak")
