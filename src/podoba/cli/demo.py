"""`podoba demo`: the whole loop on images that need no download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import meter, print_json, results, say

if TYPE_CHECKING:
    from podoba.images.source import ImageSource
    from podoba.learn.run import RunSummary

LOSSES = ("cross-entropy", "triplet")
MOST = 4000  # images of a source of one's own that the demo looks at
HELD_OUT = 0.2
SMALL = 24  # pixels up to which the smallest network is enough


def demo(
    data: str = typer.Option("digits", "--data", metavar="SOURCE", help="Other labelled images to run it on."),
    out: Path = typer.Option(Path("demo"), "--out", help="Folder for all that is made."),
    epochs: int = typer.Option(12, "--epochs", min=1, help="Epochs of each training."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Train with both losses, judge, index and search: the whole loop in about a minute.

    Examples:

      podoba demo

      podoba demo --data photos --out demo-photos
    """
    from podoba.collection.indexing import index_sources
    from podoba.collection.origin import find_record
    from podoba.collection.search import search
    from podoba.collection.store import Collection
    from podoba.errors import TrainingError, require
    from podoba.images.source import open_source

    require("torch", "train")
    from podoba.report.evaluation import search_sheet

    source = open_source(data)
    if len(source.classes) < 2:
        raise TrainingError(f"{data}: the demo needs images of two classes or more, each in a folder of its own")
    train, test, side = _written(source, out)
    say(f"images: {out / 'images'}, {side} pixels and up")
    runs = {loss: _train(loss, train, test, side, out, epochs) for loss in LOSSES}
    best = max(runs.values(), key=lambda run: run.knn_score or 0.0)

    from podoba.models.encoder import Encoder

    encoder = Encoder(Path(best.model))
    path = out / "demo.podoba"
    with Collection.open(path, create=True) as collection, meter() as show:
        if collection.fact("fingerprint") not in (None, encoder.fingerprint):
            collection.close()
            path.unlink()
            collection = Collection.open(path, create=True)
        index_sources(
            collection, [open_source(train)], encoder, model=str(Path(best.run).absolute()),
            on_progress=lambda done, total: show("indexing", done, total),
        )  # fmt: skip
        query = open_source(test).records[0].uri
        found = search(collection, query, encoder=encoder, k=8)
        items = len(collection)
        search_sheet(find_record(query), found.hits, find_record, out / "search.png")
    if as_json:
        print_json({"runs": [run.to_json() for run in runs.values()], "collection": str(path), "search": found.to_json()})
        return
    _print_table(runs)
    say(f"collection: {path} ({items} images, descriptors of {Path(best.run).name})")
    say(f"search: {query} -> {', '.join(hit.label or '?' for hit in found.hits)}; the picture: {out / 'search.png'}")
    say("next, with a folder of your own: podoba index photos.podoba ~/Pictures && podoba search photos.podoba PICTURE")


def _train(loss: str, train: str, test: str, side: int, out: Path, epochs: int) -> RunSummary:
    from podoba.learn.run import train as run_training
    from podoba.learn.settings_file import check_settings

    small = side <= SMALL
    settings = check_settings(
        {
            "train": train,
            "test": test,
            "input_size": 16 if small else 32,
            "epochs": epochs,
            "batch_size": 80,
            "backbone": {"name": "small-digits" if small else "small-resnet", "transfer": "scratch"},
            "head": {"hidden": None, "dim": 64, "dropout": 0.0},
            "loss": {"name": loss, "scale": 10.0} if loss == "cross-entropy" else {"name": loss, "margin": 0.5},
            "optimizer": {"name": "adam", "lr": 0.003},
            "schedule": {"name": "one-cycle"},
        }
    )
    with meter() as show:
        return run_training(
            settings,
            out / loss,
            on_progress=show,
            on_epoch=lambda row: say(f"{loss}, epoch {row.epoch}/{epochs}: training loss {row.training_loss:.4f}"),
        )


def _written(source: ImageSource, out: Path) -> tuple[str, str, int]:
    """The images as files, a share of each class as test images; gives back both folders and the smallest side."""
    from podoba.errors import UnreadableImage
    from podoba.images.decode import decode
    from podoba.images.split import balanced_subset, stratified_split

    source = source.subset([int(i) for i in balanced_subset(source.labels, MOST, 0)])
    kept, held = stratified_split(source.labels, HELD_OUT, 0)
    side = 10**9
    for part, rows in (("train", kept), ("test", held)):
        for row in rows:
            record = source.records[int(row)]
            if record.label is None:
                continue
            folder = out / "images" / part / record.label.replace("/", "_")
            path = folder / f"{record.id}.png"
            if not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                try:
                    picture = decode(record.open(), record.uri, 128)
                except UnreadableImage as error:
                    say(f"skipped: {error}")
                    continue
                picture.thumbnail((256, 256))
                picture.save(path)
                side = min(side, *picture.size)
            elif side > SMALL:
                side = min(side, *decode(path.read_bytes(), str(path)).size)
    return str(out / "images" / "train"), str(out / "images" / "test"), side


def _print_table(runs: dict[str, RunSummary]) -> None:
    from rich.table import Table

    table = Table("", *runs, title="as the paper's tables 1 and 2")
    made = list(runs.values())
    table.add_row("KNN score", *(f"{run.knn_score:.4f}" for run in made))
    table.add_row("min validation loss", *(f"{run.min_validation_loss:.4f} at epoch {run.min_validation_epoch}" for run in made))
    table.add_row("min training loss", *(f"{run.min_training_loss:.4f} at epoch {run.min_training_epoch}" for run in made))
    table.add_row("seconds per epoch", *(f"{run.seconds_per_epoch:.2f}" for run in made))
    results().print(table)
