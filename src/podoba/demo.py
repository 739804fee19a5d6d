"""The whole loop on images that need no download: train with both losses of the paper, judge, index, search."""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from podoba.collection.collection import Collection
from podoba.collection.search.results import SearchResult
from podoba.errors import TrainingError, UnreadableImage
from podoba.files import csv_text, shown, write_json, write_text
from podoba.images.decode import decode
from podoba.images.record import ImageRecord, Skipped
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset, stratified_split
from podoba.learn.run import train
from podoba.models.bundled import DEFAULT_MODEL
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress, silent
from podoba.report.figures.curves import learning_curves
from podoba.report.figures.evaluation import search_sheet
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import check_settings
from podoba.runs.summary import RunSummary


@dataclass(frozen=True)
class DemoSettings:
    """What a demo takes of its images, and how it learns from them.

    Attributes:
        most: images of a source that are used.
        held_out: share of each class that is kept for testing.
        saved_side: pixels of an image's longer side, where the demo writes it.
        looked_at: images of a source of files by which their size is judged.
        small: smallest side in pixels up to which a network that learned from nothing in seconds is enough.
        shown: results of the search.
        from_scratch, on_bundled_model: settings of a training on small images, and on others.
        losses: settings of the two losses, by name.
    """

    most: int = 4000
    held_out: float = 0.2
    saved_side: int = 256
    looked_at: int = 64
    small: int = 24
    shown: int = 8
    from_scratch: Mapping[str, Any] = field(
        default_factory=lambda: {
            "input_size": 16,
            "backbone": {"name": "small-digits", "transfer": "scratch"},
            "head": {"hidden": None, "dim": 64, "dropout": 0.0},
        }
    )
    on_bundled_model: Mapping[str, Any] = field(
        default_factory=lambda: {
            "backbone": {"name": DEFAULT_MODEL, "transfer": "frozen"},
            "head": {"hidden": 512, "dim": 128, "dropout": 0.5},
        }
    )
    losses: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {"cross-entropy": {"scale": 10.0}, "triplet": {"margin": 0.5}}
    )


@dataclass(frozen=True)
class Demo:
    """What a demo made.

    Attributes:
        runs: what each training came to, by the name of its loss.
        best: the one of the highest KNN score, whose descriptors were indexed.
        collection, query, sheet: files: the collection of the training images, a test image, and the search for it, as
            `draw_demo` draws it.
        query_label: the class of the query.
        result: what the search found.
    """

    runs: dict[str, RunSummary]
    best: RunSummary
    collection: Path
    query: Path
    query_label: str
    result: SearchResult
    sheet: Path

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba demo --json`."""
        runs = [run.to_json() for run in self.runs.values()]
        return {"runs": runs, "collection": str(self.collection), "sheet": str(self.sheet), "search": self.result.to_json()}


@dataclass(frozen=True)
class DemoImages:
    """The images of a demo.

    Attributes:
        train, test: sources: folders that it wrote, with a folder for each class, or lists of the files where they are.
        side: the smallest side of an image, in pixels.
        skipped: images that could not be read.
    """

    train: Path
    test: Path
    side: int
    skipped: list[Skipped]


def run_demo(
    images: DemoImages,
    out: Path,
    *,
    epochs: int = 12,
    settings: DemoSettings = DemoSettings(),
    on_progress: Callable[[str], OnProgress] | None = None,
) -> Demo:
    """Train with each loss, index the training images with the better model, and search them with a test image.

    Args:
        images: as `prepare_images` gives them.
        out: folder for all that is made; a demo that was stopped goes on there.
        on_progress: gives the callback of a training by the name of its loss, and that of the indexing by `indexing`.

    Raises:
        PodobaError: as `podoba.learn.run.train` and `index_sources`.
    """
    progress = on_progress or (lambda stage: silent)
    runs = {}
    for loss in settings.losses:
        runs[loss] = _train(training_settings(images, loss, epochs, settings), out / loss, progress(loss))
    best = max(runs.values(), key=lambda run: run.knn_score or 0.0)
    chosen = _first_readable(open_source(images.test))
    query = Path(chosen.uri) if images.test.is_file() else Path(shutil.copyfile(chosen.uri, out / "query.png"))
    collection = out / "demo.podoba"
    result = _index_and_search(best, images, collection, query, settings.shown, progress("indexing"))
    return Demo(runs, best, collection, query, chosen.label or "", result, out / "search.png")


def draw_demo(demo: Demo) -> None:
    """Draw the learning curves of both trainings, and the search. Raises `PodobaError` where a figure cannot be written."""
    for loss, run in demo.runs.items():
        learning_curves(RunFolder(Path(run.run)), title=loss)
    search_sheet(demo.result, demo.sheet)


def prepare_images(
    source: ImageSource, out: Path, settings: DemoSettings = DemoSettings(), on_progress: OnProgress = silent
) -> DemoImages:
    """Divide labelled images, a share of each class for testing; once, a second call only looks.

    Images that are files are used where they are: `out` gets lists of them. Those of an archive, a table or a named set are
    written below it as files.

    Raises:
        TrainingError: images of fewer than two classes; or the folder holds a demo of other images.
    """
    if len(source.classes) < 2:
        raise TrainingError(f"{source.name}: the demo needs images of two classes or more, each in a folder of its own")
    facts_path = out / "images.json"
    origin = {"source": source.root, "fingerprint": source.fingerprint()}
    if facts_path.exists():
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        if {key: facts.get(key) for key in origin} != origin:
            raise TrainingError(f"{out} holds a demo of other images ({facts.get('source')}): choose another --out, or delete it")
        return DemoImages(Path(facts["train"]), Path(facts["test"]), int(facts["side"]), [])
    source = source.subset([i for i, label in enumerate(source.labels) if label is not None])
    source = source.subset([int(i) for i in balanced_subset(source.labels, settings.most, 0)])
    held_out = set(stratified_split(source.labels, settings.held_out, 0)[1].tolist())
    prepare = _list_images if all(_is_file(record) for record in source) else _write_images
    images = prepare(source, held_out, out / "images", settings, on_progress)
    facts = origin | {"side": images.side, "train": str(images.train), "test": str(images.test)}
    write_json(facts_path, facts)  # last: only what is whole is used again
    return images


def _is_file(record: ImageRecord) -> bool:
    """Whether a list in UTF-8 can name the file of an image."""
    return record.uri == shown(record.uri) and Path(record.uri).is_file()


def _list_images(
    source: ImageSource, held_out: set[int], folder: Path, settings: DemoSettings, on_progress: OnProgress
) -> DemoImages:
    sides = []
    looked_at = np.linspace(0, len(source) - 1, min(settings.looked_at, len(source))).astype(int)
    for number, row in enumerate(looked_at):
        record = source.records[row]
        with suppress(UnreadableImage):  # the training skips and names it
            sides.append(min(decode(record.open(), record.uri, settings.saved_side).size))
        on_progress("looking at images", number + 1, len(looked_at))
    folder.mkdir(parents=True, exist_ok=True)
    for name, wanted in (("train", False), ("test", True)):
        rows = [(record.uri, record.label) for row, record in enumerate(source) if (row in held_out) == wanted]
        write_text(folder / f"{name}.csv", csv_text(("path", "label"), rows))
    return DemoImages(folder / "train.csv", folder / "test.csv", min(sides, default=settings.saved_side), list(source.problems))


def _write_images(
    source: ImageSource, held_out: set[int], folder: Path, settings: DemoSettings, on_progress: OnProgress
) -> DemoImages:
    train, test = folder / "train", folder / "test"
    skipped = list(source.problems)
    side = settings.saved_side
    for row, record in enumerate(source):
        folder = (test if row in held_out else train) / folder_name(record.label or "")
        try:
            image = decode(record.open(), record.uri, settings.saved_side)
        except UnreadableImage as error:
            skipped.append(Skipped(error.uri, error.reason))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        image.save(folder / f"{record.id}.png")
        side = min(side, *image.size)
        on_progress("writing images", row + 1, len(source))
    return DemoImages(train, test, side, skipped)


def _first_readable(source: ImageSource) -> ImageRecord:
    """An image of the middle of a source. Raises `TrainingError` where none can be read."""
    middle = len(source) // 2
    for record in [*source.records[middle:], *source.records[:middle]]:
        with suppress(UnreadableImage):
            decode(record.open(), record.uri, 1)
            return record
    raise TrainingError(f"{source.root}: not one test image can be read: name other images")


def folder_name(label: str) -> str:
    """A class name as the name of a folder that stays where it is put."""
    return label.replace("/", "_").replace("\0", "_").lstrip(".") or "_"


def training_settings(images: DemoImages, loss: str, epochs: int, settings: DemoSettings) -> Settings:
    """The settings of the training with a loss."""
    return check_settings(
        {
            "train": str(images.train),
            "test": str(images.test),
            "epochs": epochs,
            "batch_size": 80,
            **(settings.from_scratch if images.side <= settings.small else settings.on_bundled_model),
            "loss": {"name": loss, **settings.losses[loss]},
            "optimizer": {"name": "adam", "lr": 0.003},
            "schedule": {"name": "one-cycle"},
        }
    )


def _train(settings: Settings, out: Path, on_progress: OnProgress) -> RunSummary:
    threads = torch.get_num_threads()
    if settings.backbone.transfer == "scratch":
        torch.set_num_threads(1)  # on maps this small threads wait for each other longer than they compute
    try:
        return train(settings, out, on_progress=on_progress)
    finally:
        torch.set_num_threads(threads)


def _index_and_search(
    best: RunSummary, images: DemoImages, path: Path, query: Path, count: int, on_progress: OnProgress
) -> SearchResult:
    encoder, name = Encoder(Path(best.model)), str(Path(best.run).absolute())
    with Collection.open(path, create=True) as collection, collection.writing():
        if collection.store.models.fingerprint not in (None, encoder.fingerprint):
            collection.remove([item.id for item in collection.items()])  # of an earlier demo's model
        collection.index_sources([open_source(images.train)], encoder, model=name, on_progress=on_progress)
        return collection.search(str(query), encoder=encoder, k=count)
