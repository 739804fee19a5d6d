"""A training with its progress and its results printed, and the layers of a network."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from podoba.cli.console import print_json, print_line, print_table, say
from podoba.cli.terminal.loading import speaks_for_all
from podoba.cli.terminal.progress import meter, over_epochs
from podoba.learn.run import JUDGING, train, train_longer
from podoba.progress import OnProgress
from podoba.report.figures.curves import learning_curves
from podoba.runs.history import Epoch
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.summary import RunSummary


def run_training(settings: Settings | None, out: Path, as_json: bool, more_epochs: int = 0) -> None:
    """Train with progress shown, draw the learning curves, and print what it came to. Errors as `podoba.learn.run.train`.

    Args:
        settings: None: go on with the run in `out` for `more_epochs`.
    """

    def say_epoch(row: Epoch) -> None:
        validation = "" if row.validation_loss is None else f", validation loss {row.validation_loss:.4f}"
        if row.validation_precision is not None:
            validation += f", precision {row.validation_precision:.4f}"
        epochs = RunFolder(out).read_settings().epochs
        say(f"epoch {row.epoch}/{epochs}: training loss {row.training_loss:.4f}{validation}, {row.seconds:.2f} s")

    with meter() as show:
        progress = to_the_end(over_epochs(show))
        if settings is None:
            result = train_longer(out, more_epochs, on_progress=progress, on_epoch=say_epoch, on_note=say)
        else:
            result = train(settings, out, on_progress=progress, on_epoch=say_epoch, on_note=say)
    if not speaks_for_all():
        return  # one of several processes: the first one speaks for all
    print_result(result, as_json)
    sys.stdout.flush()  # before curves that perhaps cannot be drawn
    say("drawing the learning curves")
    learning_curves(RunFolder(out), title=result.loss)


def to_the_end(progress: OnProgress) -> OnProgress:
    """A callback for a training that also says what is done after its last epoch, which takes a while and has no steps."""

    def shown(stage: str, done: int, total: int) -> None:
        if stage == JUDGING:
            say(stage)
        else:
            progress(stage, done, total)

    return shown


def print_result(result: RunSummary, as_json: bool) -> None:
    """What a training came to, and what may be done next."""
    if as_json:
        print_json(result.to_json())
        return
    if result.best_epoch:
        print_line(f"best epoch: {result.best_epoch} of {result.epochs}")
    else:
        print_line("best epoch: none was better on the held-out images than the network it began with, which is kept")
    if result.knn_score is None:
        print_line("KNN score: unknown, there are no test images and none were held out")
    else:
        untrained = "" if result.untrained_knn_score is None else f" (untrained: {result.untrained_knn_score:.4f})"
        print_line(f"KNN score: {result.knn_score:.4f} on the {result.judged_on} images{untrained}")
    print_line(f"model: {result.model}")
    if result.calibration_error is None:
        say("its results have no probabilities: too few held-out images are of one class: hold more out (validation)")
    if result.best_epoch == result.epochs:
        more = max(1, result.epochs // 2)
        say(f"the last epoch is the best, so more may help: podoba train --out {shlex.quote(result.run)} --more-epochs {more}")


def print_layers(rows: Sequence[tuple[str, str, int, int]], as_json: bool) -> None:
    """Rows (layer, output shape, parameters, of them trainable), and the sums of both counts."""
    total, trainable = sum(row[2] for row in rows), sum(row[3] for row in rows)
    if as_json:
        layers = [dict(zip(("layer", "output", "parameters", "trainable_parameters"), row, strict=True)) for row in rows]
        print_json({"layers": layers, "parameters": total, "trainable_parameters": trainable})
        return
    print_table(
        ("layer", "output", "parameters", "trainable"),
        [(name, shape, f"{parameters:,}", f"{learning:,}") for name, shape, parameters, learning in rows],
        total=("total", "", f"{total:,}", f"{trainable:,}"),
    )
