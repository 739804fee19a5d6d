"""`podoba train`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import meter, over_epochs, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from podoba.runs.history import Epoch
    from podoba.runs.settings import Settings
    from podoba.runs.summary import RunSummary

PREVIEWED = 6  # images of an augmentation's preview
PREVIEW_SIDE = 96  # pixels, where the settings leave the side open


def train(
    source: str | None = typer.Argument(
        None, metavar="TRAIN", help="Labelled images: folder, CSV, Parquet, archive, named set or pattern."
    ),
    test: str | None = typer.Option(None, "--test", help="Test images, for the final scores only."),
    config: Path | None = typer.Option(None, "--config", help="YAML file of settings."),
    settings: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="One setting; may be repeated."),
    out: Path | None = typer.Option(
        None, "--out", metavar="RUN", help="Run folder; the same command goes on with a run that was stopped."
    ),
    summary: bool = typer.Option(False, "--summary", help="Print the layer table and stop."),
    classes: int | None = typer.Option(
        None, "--classes", min=2, help="With --summary: number of classes, where TRAIN is not at hand."
    ),
    preview: Path | None = typer.Option(
        None, "--preview-augmentation", metavar="FILE.png", help="Draw augmented samples of TRAIN and stop."
    ),
    marks: Path | None = typer.Option(
        None,
        "--from-feedback",
        metavar="COLLECTION",
        help="Learn from the marks of a collection (`podoba mark`), instead of TRAIN.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Learn a descriptor model from labelled images.

    \b
    Examples:
      podoba train photos --out runs/first
      podoba train cifar10:train --test cifar10:test --config configs/cifar10-triplet.yaml --out runs/triplet
      podoba train photos --set loss.name=arcface --set backbone.name=resnet-18 --out runs/arcface
      podoba train cifar10 --config configs/paper-triplet.yaml --summary --classes 10
      podoba train photos --set augmentation.name=shift-zoom-rotate-flip --preview-augmentation samples.png
      podoba train --from-feedback photos.podoba --out runs/marked
    """
    if marks is not None:
        if source is not None or test is not None or config is not None or settings or summary or preview is not None:
            raise typer.BadParameter("it learns from marks alone: give --out and nothing else", param_hint="--from-feedback")
        _train_from_feedback(marks, out or Path(f"{marks.stem}-marked"), as_json)
        return
    if source is None:
        raise typer.BadParameter(
            "name labelled images, or a collection with marks: --from-feedback COLLECTION", param_hint="TRAIN"
        )
    from podoba.runs.settings_file import load_settings

    resolved = load_settings(config, settings, train=source, test=test)  # wrong settings show before anything heavy is loaded
    if preview is not None:
        _draw_preview(resolved, preview)
    if summary:
        _print_summary(resolved, classes, as_json)
    if preview is not None or summary:
        return
    if out is None:
        raise typer.BadParameter("name a folder for the run: --out RUN")
    result = run_training(resolved, out, say_epochs=True)
    if os.environ.get("LOCAL_RANK", "0") != "0":
        return  # one of several processes: the first one speaks for all
    for note in result.notes:
        say(f"note: {note}")
    if as_json:
        print_json(result.to_json())
        return
    print_line(f"best epoch: {result.best_epoch} of {result.epochs}")
    if result.knn_score is None:
        print_line("KNN score: unknown, there are no test images and none were held out")
    else:
        print_line(f"KNN score: {result.knn_score:.4f} on the {result.judged_on} images")
    print_line(f"model: {result.model}")


def _train_from_feedback(path: Path, out: Path, as_json: bool) -> None:
    from podoba.collection.collection import Collection
    from podoba.errors import require

    require("torch", "train")
    from podoba.learn.feedback.train import train_from_feedback

    with Collection.open(path, read_only=True) as collection, meter() as show:
        result = train_from_feedback(collection, out, on_progress=show)
    if as_json:
        print_json(result.to_json())
        return
    print_line(f"learned from {result.marks} marks of {result.queries} queries, in {result.steps} steps")
    print_line(f"loss on held-out queries: {result.loss_before:.4f} before, {result.loss_after:.4f} after")
    print_line(f"held-out right results before wrong ones: {result.ordered_before:.1%} before, {result.ordered_after:.1%} after")
    print_line(f"model: {result.model}")
    say(f"to search with it: podoba index {path} SOURCE... --model {out}")


def run_training(settings: Settings, out: Path, *, say_epochs: bool, name: str = "training") -> RunSummary:
    """Train with progress shown, and draw the learning curves into `figures/`. Errors as `podoba.learn.run.train`."""
    from podoba.errors import require

    require("torch", "train")
    from podoba.learn.run import train as learn
    from podoba.report.figures.curves import learning_curves
    from podoba.runs.run_folder import RunFolder

    def told(row: Epoch) -> None:
        judged = "" if row.validation_loss is None else f", validation loss {row.validation_loss:.4f}"
        say(f"epoch {row.epoch}/{settings.epochs}: training loss {row.training_loss:.4f}{judged}, {row.seconds:.2f} s")

    with meter() as show:
        result = learn(settings, out, on_progress=over_epochs(show, name), on_epoch=told if say_epochs else None)
    learning_curves(RunFolder(out), title=settings.loss.name)
    return result


def _print_summary(settings: Settings, classes: int | None, as_json: bool) -> None:
    from podoba.errors import require
    from podoba.images.sources.open import open_source

    require("torch", "train")
    from podoba.learn.networks.backbones import build_backbone
    from podoba.learn.networks.layer_table import layer_table
    from podoba.learn.run import build_network, resolve

    backbone_settings = settings.backbone
    if backbone_settings.pretrained is True:  # the table is of shapes and counts: weights need not be fetched for it
        backbone_settings = backbone_settings.model_copy(update={"pretrained": False})
    backbone = build_backbone(backbone_settings, settings.input_size)
    settings = resolve(settings, backbone)
    network = build_network(settings, backbone, classes or max(2, len(open_source(settings.train).classes)))
    rows = layer_table(network)
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


def _draw_preview(settings: Settings, path: Path) -> None:
    import numpy as np

    from podoba.errors import TrainingError, require
    from podoba.images.reading import read_batches
    from podoba.images.sources.open import open_source
    from podoba.images.split import balanced_subset

    require("torch", "train")
    from podoba.learn.augmentation.preview import preview

    source = open_source(settings.train)
    rows = balanced_subset(source.labels, PREVIEWED, settings.seed)
    side = settings.input_size or PREVIEW_SIDE
    batches = [
        pixels for _, pixels in read_batches([source.records[i] for i in rows], side, settings.resize or "stretch", PREVIEWED)
    ]
    if not batches:
        raise TrainingError(f"{settings.train}: none of the images to be shown can be read")
    preview(np.concatenate(batches), settings.augmentation, path, settings.seed)
    say(f"drawn: {path}")
