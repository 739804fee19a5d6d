"""Learning curves of a run."""

from __future__ import annotations

from pathlib import Path

from podoba.report.figures.theme import COLOURS, figure, save
from podoba.runs.history import read_history
from podoba.runs.run_folder import RunFolder


def learning_curves(history: Path, path: Path, title: str = "") -> None:
    """Training and validation loss by epoch, the best epoch marked, from a `history.csv`."""
    rows = read_history(history)
    drawn, axes = figure(6.4, 4.0)
    epochs = [row.epoch for row in rows]
    axes.plot(epochs, [row.training_loss for row in rows], color=COLOURS[0], marker=".", label="training")
    judged = [row for row in rows if row.validation_loss is not None]
    if judged:
        losses = [row.validation_loss for row in judged]
        axes.plot([row.epoch for row in judged], losses, color=COLOURS[1], marker=".", linestyle="--", label="validation")
        best = min(judged, key=lambda row: row.validation_loss or 0.0)
        note = f"least, epoch {best.epoch}: {best.validation_loss:.4f}"
        axes.plot([best.epoch], [best.validation_loss], "o", color=COLOURS[1], fillstyle="none", markersize=12, label=note)
    axes.set(xlabel="epoch", ylabel="loss", title=title)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    save(drawn, path)


def curves_of_run(run: Path) -> Path:
    """Draw the learning curves of a run into its `figures/`; returns the file."""
    folder = RunFolder(run)
    learning_curves(folder.history, folder.learning_curves, title=folder.read_settings().loss.name)
    return folder.learning_curves
