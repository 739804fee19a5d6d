"""Learning curves of a run."""

from podoba.report.figures.theme import COLOURS, figure, plain, save
from podoba.runs.run_folder import RunFolder


def learning_curves(run: RunFolder, title: str = "") -> None:
    """Draw training and validation loss by epoch, the best epoch marked, into the run folder.

    Raises:
        MissingExtra: matplotlib is not installed.
        PodobaError: the history is damaged, or the figure cannot be written.
    """
    history = run.read_history()
    drawn, axes = figure(6.4, 4.0)
    epochs = [row.epoch for row in history]
    axes.plot(epochs, [row.training_loss for row in history], color=COLOURS[0], marker=".", label="training")
    validated = [(row.epoch, row.validation_loss) for row in history if row.validation_loss is not None]
    if validated:
        axes.plot(*zip(*validated, strict=True), color=COLOURS[1], marker=".", linestyle="--", label="validation")
        epoch, loss = min(validated, key=lambda point: point[1])
        note = f"least, epoch {epoch}: {loss:.4f}"
        axes.plot([epoch], [loss], "o", color=COLOURS[1], fillstyle="none", markersize=12, label=note)
    axes.set(xlabel="epoch", ylabel="loss", title=plain(title))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    save(drawn, run.learning_curves)
