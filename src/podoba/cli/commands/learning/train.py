"""`podoba train`."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, print_line, say
from podoba.cli.options import JSON
from podoba.cli.terminal.progress import meter


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
    more_epochs: int | None = typer.Option(
        None, "--more-epochs", min=1, metavar="N", help="Go on with the finished run in --out for N more epochs."
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
    as_json: bool = JSON,
) -> None:
    """Learn a descriptor model from labelled images.

    \b
    Examples:
      podoba train photos --out runs/first
      podoba train cifar10:train --test cifar10:test --config configs/cifar10-triplet.yaml --out runs/triplet
      podoba train photos --set loss.name=arcface --set backbone.name=resnet-18 --out runs/arcface
      podoba train cifar10 --config configs/paper-triplet.yaml --summary --classes 10
      podoba train photos --set augmentation.name=shift-zoom-rotate-flip --preview-augmentation samples.png
      podoba train --out runs/first --more-epochs 10
      podoba train --from-feedback photos.podoba --out runs/marked
    """
    if marks is not None:
        if any((source, test, config, settings, summary, preview, more_epochs)):
            raise typer.BadParameter("it learns from marks alone: give --out and nothing else", param_hint="--from-feedback")
        return _train_from_feedback(marks, out or Path(f"{marks.stem}-marked"), as_json)
    if more_epochs is not None:
        if any((source, test, config, settings, summary, preview)) or out is None:
            raise typer.BadParameter("the run has its settings: give --out RUN and nothing else", param_hint="--more-epochs")
        return _train_longer(out, more_epochs, as_json)
    if source is None:
        raise typer.BadParameter(
            "name labelled images, or a collection with marks: --from-feedback COLLECTION", param_hint="TRAIN"
        )
    from podoba.cli.terminal.loading import load_torch
    from podoba.runs.settings_file import load_settings

    resolved = load_settings(config, settings, train=source, test=test)  # wrong settings show before anything heavy is loaded
    if out is None and preview is None and not summary:
        raise typer.BadParameter("name a folder for the run: --out RUN")
    load_torch(from_scratch=resolved.backbone.transfer == "scratch")
    if preview is not None:
        from podoba.learn.augmentation.preview import preview_training

        preview_training(resolved, preview)
        say(f"drawn: {preview}")
    if summary:
        from podoba.cli.terminal.training import print_layers
        from podoba.learn.setup import layers_of

        print_layers(layers_of(resolved, classes), as_json)
    if out is not None and preview is None and not summary:
        from podoba.cli.terminal.training import run_training

        run_training(resolved, out, as_json)
    return None


def _train_longer(out: Path, epochs: int, as_json: bool) -> None:
    from podoba.cli.terminal.loading import load_torch
    from podoba.runs.run_folder import RunFolder

    load_torch(from_scratch=RunFolder(out).read_settings().backbone.transfer == "scratch")
    from podoba.cli.terminal.training import run_training

    run_training(None, out, as_json, epochs)


def _train_from_feedback(path: Path, out: Path, as_json: bool) -> None:
    from podoba.cli.terminal.loading import load_torch
    from podoba.collection.collection import Collection

    load_torch()
    from podoba.learn.feedback.train import train_from_feedback

    with Collection.open(path, read_only=True) as collection, meter() as show:
        result = train_from_feedback(collection, out, on_progress=show)
    if as_json:
        print_json(vars(result))
        return
    print_line(f"learned from {result.marks} marks of {result.queries} queries, in {result.steps} steps")
    print_line(f"loss on held-out queries: {result.loss_before:.4f} before, {result.loss_after:.4f} after")
    print_line(f"held-out right results before wrong ones: {result.ordered_before:.1%} before, {result.ordered_after:.1%} after")
    print_line(f"model: {result.model}")
    say(f"to search with it: podoba index {path} SOURCE... --model {out}")
