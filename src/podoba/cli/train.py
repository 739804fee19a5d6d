"""`podoba train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import messages, meter, print_json, results, say

if TYPE_CHECKING:
    from podoba.learn.settings import Settings

EXAMPLES = """Examples:

  podoba train photos --out runs/first

  podoba train cifar10:train --test cifar10:test --config configs/cifar10-triplet.yaml --out runs/triplet

  podoba train photos --set loss.name=arcface --set backbone.name=resnet-18 --summary --out runs/arcface
"""


def train(
    source: str = typer.Argument(
        ..., metavar="TRAIN", help="Labelled images: folder, CSV, Parquet, archive, named set or pattern."
    ),
    out: Path = typer.Option(
        Path("runs/latest"), "--out", help="Run folder; the same command goes on with a run that was stopped."
    ),
    test: str | None = typer.Option(None, "--test", help="Test images, for the final scores only."),
    config: Path | None = typer.Option(None, "--config", help="YAML file of settings."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="One setting; may be repeated."),
    summary: bool = typer.Option(False, "--summary", help="Print the layer table and stop."),
    classes: int | None = typer.Option(None, "--classes", help="With --summary: number of classes, where TRAIN is not at hand."),
    preview: Path | None = typer.Option(None, "--preview-augmentation", help="Draw augmented samples into this PNG and stop."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Learn a descriptor model from labelled images."""
    from podoba.errors import require

    require("torch", "train")
    from podoba.learn.run import train as run_training
    from podoba.learn.settings_file import load_settings
    from podoba.report.curves import learning_curves

    resolved = load_settings(config, settings, train=source, test=test)
    if summary:
        _print_summary(resolved, classes)
        return
    if preview is not None:
        _draw_preview(resolved, preview)
        return
    with meter() as show:
        result = run_training(
            resolved,
            out,
            on_progress=show,
            on_epoch=lambda row: say(
                f"epoch {row.epoch}: training loss {row.training_loss:.4f}"
                + (f", validation loss {row.validation_loss:.4f}" if row.validation_loss is not None else "")
                + f", {row.seconds:.2f} s"
            ),
        )
    figures = out / "figures"
    figures.mkdir(exist_ok=True)
    learning_curves(out / "history.csv", figures / "learning-curves.png", title=resolved.loss.name)
    for note in result.notes:
        say(f"note: {note}")
    if as_json:
        print_json(result.to_json())
        return
    score = (
        "not scored (no test images)"
        if result.knn_score is None
        else f"KNN score {result.knn_score:.4f} on the {result.judged_on} images"
    )
    say(f"{score}; model: {result.model}")


train.__doc__ = f"{train.__doc__}\n\n{EXAMPLES}"


def _print_summary(settings: Settings, classes: int | None) -> None:
    from rich.table import Table

    from podoba.images.source import open_source
    from podoba.learn.backbones import build_backbone
    from podoba.learn.run import build_network, resolve
    from podoba.learn.summary import layer_table

    # The table is of shapes and counts: weights need not be fetched for it.
    bare = (
        settings.backbone.model_copy(update={"pretrained": False}) if settings.backbone.pretrained is True else settings.backbone
    )
    backbone = build_backbone(bare, settings.input_size)
    settings = resolve(settings, backbone)
    network = build_network(settings, backbone, classes or max(2, len(open_source(settings.train).classes)))
    rows = layer_table(network)
    table = Table("layer", "output", "parameters", "trainable")
    for name, shape, parameters, trainable in rows:
        table.add_row(name, shape, f"{parameters:,}", f"{trainable:,}")
    table.add_section()
    table.add_row("total", "", f"{sum(row[2] for row in rows):,}", f"{sum(row[3] for row in rows):,}")
    results().print(table)


def _draw_preview(settings: Settings, path: Path) -> None:
    import numpy as np

    from podoba.errors import TrainingError
    from podoba.images.reading import read_batches
    from podoba.images.source import open_source
    from podoba.images.split import balanced_subset
    from podoba.learn.augmentation.preview import preview

    source = open_source(settings.train)
    rows = balanced_subset(source.labels, 6, settings.seed)
    batches = [
        pixels
        for _, pixels in read_batches(
            [source.records[i] for i in rows], settings.input_size or 96, settings.resize or "stretch", 6
        )
    ]
    if not batches:
        raise TrainingError(f"{settings.train}: no image to show can be read")
    preview(np.concatenate(batches), settings.augmentation, path, settings.seed)
    messages().print(f"drawn: {path}")
