"""`podoba demo`: the whole loop on images that need no download."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podoba.cli.commands.learning.train import run_training
from podoba.cli.console import meter, print_json, print_line, print_table, say, say_skipped

if TYPE_CHECKING:
    from podoba.collection.search.results import SearchResult
    from podoba.images.sources.base import ImageSource
    from podoba.runs.summary import RunSummary

LOSSES = ("cross-entropy", "triplet")
MOST = 4000  # images of a source of one's own that the demo looks at
HELD_OUT = 0.2
SMALL = 24  # pixels up to which a network learned from nothing in seconds is enough
FROM_SCRATCH = {
    "input_size": 16,
    "backbone": {"name": "small-digits", "transfer": "scratch"},
    "head": {"hidden": None, "dim": 64, "dropout": 0.0},
}
ON_STARTER = {"backbone": {"name": "starter", "transfer": "frozen"}, "head": {"hidden": 512, "dim": 128, "dropout": 0.5}}
SAVED_SIDE = 256  # pixels of an image's longer side as the demo writes it
SHOWN = 8  # results of the search
COLLECTION, QUERY, SHEET = "demo.podoba", "query.png", "search.png"


def demo(
    data: str = typer.Option("digits", "--data", metavar="SOURCE", help="Other labelled images to run it on."),
    out: Path = typer.Option(Path("demo"), "--out", help="Folder for all that is made."),
    epochs: int = typer.Option(12, "--epochs", min=1, help="Epochs of each training."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Run the whole loop in a minute: train, judge, index, search.

    Both losses of the paper are trained and compared, then the better descriptors are used.

    Without --data the images are scikit-learn's digits, learned from nothing; no download is needed. Of images of your own
    it takes 4000 at most and learns a head on the bundled model: a first look, not the best that can be reached.

    \b
    Examples:
      podoba demo
      podoba demo --data photos --out demo-photos
    """
    from podoba.errors import TrainingError, require
    from podoba.images.sources.open import open_source

    require("torch", "train")
    source = open_source(data)
    if len(source.classes) < 2:
        raise TrainingError(f"{data}: the demo needs images of two classes or more, each in a folder of its own")
    train, test, side = _written(source, out)
    say(f"images: {out / 'images'}")
    runs = {loss: _train(loss, train, test, side, out, epochs) for loss in LOSSES}
    best = max(runs.values(), key=lambda run: run.knn_score or 0.0)
    asked, found = _index_and_search(best, train, test, out)
    if as_json:
        facts = {"collection": str(out / COLLECTION), "sheet": str(out / SHEET), "search": found.to_json()}
        print_json({"runs": [run.to_json() for run in runs.values()], **facts})
        return
    _print(runs, best, asked, found, out)


def _written(source: ImageSource, out: Path) -> tuple[Path, Path, int]:
    """Write the images as files, a share of each class as test images; gives back both folders and the smallest side.

    Raises:
        TrainingError: the folder holds a demo of other images.
    """
    from podoba.errors import TrainingError, UnreadableImage
    from podoba.images.decode import decode
    from podoba.images.record import Skipped
    from podoba.images.split import balanced_subset, stratified_split

    facts_path = out / "images.json"
    train, test = out / "images" / "train", out / "images" / "test"
    mark = {"source": source.root, "fingerprint": source.fingerprint()}
    if facts_path.exists():
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        if {key: facts.get(key) for key in mark} != mark:
            raise TrainingError(f"{out} holds a demo of other images ({facts.get('source')}): choose another --out, or delete it")
        return train, test, int(facts["side"])
    source = source.subset([i for i, label in enumerate(source.labels) if label is not None])
    source = source.subset([int(i) for i in balanced_subset(source.labels, MOST, 0)])
    held = set(stratified_split(source.labels, HELD_OUT, 0)[1].tolist())
    skipped = list(source.problems)
    side = SAVED_SIDE
    with meter() as show:
        for row, record in enumerate(source):
            folder = (test if row in held else train) / _folder_name(record.label or "")
            try:
                picture = decode(record.open(), record.uri, SAVED_SIDE)
            except UnreadableImage as error:
                skipped.append(Skipped(error.uri, error.reason))
                continue
            folder.mkdir(parents=True, exist_ok=True)
            picture.save(folder / f"{record.id}.png")
            side = min(side, *picture.size)
            show("writing images", row + 1, len(source))
    say_skipped(skipped)
    facts_path.write_text(json.dumps(mark | {"side": side}) + "\n", encoding="utf-8")  # last: only what is whole is used again
    return train, test, side


def _folder_name(label: str) -> str:
    """A class name as the name of a folder that stays where it is put."""
    return label.replace("/", "_").replace("\0", "_").lstrip(".") or "_"


def _train(loss: str, train: Path, test: Path, side: int, out: Path, epochs: int) -> RunSummary:
    import torch

    from podoba.runs.settings_file import check_settings

    small = side <= SMALL
    settings = check_settings(
        {
            "train": str(train),
            "test": str(test),
            "epochs": epochs,
            "batch_size": 80,
            **(FROM_SCRATCH if small else ON_STARTER),
            "loss": {"name": loss, "scale": 10.0} if loss == "cross-entropy" else {"name": loss, "margin": 0.5},
            "optimizer": {"name": "adam", "lr": 0.003},
            "schedule": {"name": "one-cycle"},
        }
    )
    threads = torch.get_num_threads()
    if small:
        torch.set_num_threads(1)  # on maps this small threads wait for each other longer than they compute
    try:
        return run_training(settings, out / loss, say_epochs=False, name=loss)
    finally:
        torch.set_num_threads(threads)


def _index_and_search(best: RunSummary, train: Path, test: Path, out: Path) -> tuple[str, SearchResult]:
    """Put the training images into a collection, and search it with a test image; gives back the class of that one, too."""
    from podoba.collection.collection import Collection
    from podoba.images.locate import find_record
    from podoba.images.sources.open import open_source
    from podoba.models.encoder import Encoder
    from podoba.report.figures.evaluation import search_sheet

    encoder = Encoder(Path(best.model))
    tests = open_source(test).records
    asked = tests[len(tests) // 2]
    query = shutil.copyfile(asked.uri, out / QUERY)
    with Collection.open(out / COLLECTION, create=True) as collection, collection.writing(), meter() as show:
        if collection.store.models.fingerprint not in (None, encoder.fingerprint):
            collection.remove([item.id for item in collection.items()])  # of an earlier demo's model
        collection.index_sources(
            [open_source(train)],
            encoder,
            model=str(Path(best.run).absolute()),
            on_progress=show,
        )
        found = collection.search(str(query), encoder=encoder, k=SHOWN)
    search_sheet(find_record(str(query.absolute())), found.hits, find_record, out / SHEET)
    return asked.label or "", found


def _print(runs: Mapping[str, RunSummary], best: RunSummary, asked: str, found: SearchResult, out: Path) -> None:
    from podoba.runs.run_folder import RunFolder

    made = list(runs.values())
    rows: list[tuple[str, list[str]]] = [
        ("KNN score", [_number(run.knn_score) for run in made]),
        ("min validation loss", [_at(run.min_validation_loss, run.min_validation_epoch) for run in made]),
        ("min training loss", [_at(run.min_training_loss, run.min_training_epoch) for run in made]),
        ("seconds per epoch", [f"{run.seconds_per_epoch:.2f}" for run in made]),
    ]
    print_table(("", *runs), [(name, *cells) for name, cells in rows])
    print_line("")
    for confused in _most_confused(best)[:1]:
        print_line(
            f"hardest: with {best.loss}, a query of {confused['query']} retrieves {confused['retrieved']} "
            f"in {confused['share']:.1%} of the cases"
        )
    print_line(f"learning curves: {', '.join(str(RunFolder(Path(run.run)).learning_curves) for run in made)}")
    print_line(f"collection: {out / COLLECTION} (training images, described by {best.run})")
    labels = ", ".join(hit.label or "?" for hit in found.hits)
    print_line(f"search: {out / QUERY}, a test image of class {asked}, finds classes {labels}")
    print_line(f"picture of the search: {out / SHEET}")
    print_line("next, with a folder of your own, one sub-folder a class: podoba demo --data FOLDER --out demo-mine")
    print_line("or search your photographs: podoba index photos.podoba FOLDER && podoba search photos.podoba PICTURE")


def _most_confused(run: RunSummary) -> list[dict[str, Any]]:
    from podoba.runs.run_folder import RunFolder

    pairs: list[dict[str, Any]] = RunFolder(Path(run.run)).read_evaluation().get("most_confused", [])
    return pairs


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _at(value: float | None, epoch: int | None) -> str:
    return "unknown" if value is None else f"{value:.4f} at epoch {epoch}"
