"""The whole loop on images that need no download: train with both losses of the paper, judge, index, search."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from podoba.collection.collection import Collection
from podoba.collection.search.results import SearchResult
from podoba.errors import TrainingError, UnreadableImage
from podoba.files import write_json
from podoba.images.decode import decode
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset, stratified_split
from podoba.learn.run import train
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
        saved_side: pixels of an image's longer side as the demo writes it.
        small: smallest side in pixels up to which a network that learned from nothing in seconds is enough.
        shown: results of the search.
        from_scratch, on_starter: settings of a training on small images, and on others.
        losses: settings of the two losses, by name.
    """

    most: int = 4000
    held_out: float = 0.2
    saved_side: int = 256
    small: int = 24
    shown: int = 8
    from_scratch: Mapping[str, Any] = field(
        default_factory=lambda: {
            "input_size": 16,
            "backbone": {"name": "small-digits", "transfer": "scratch"},
            "head": {"hidden": None, "dim": 64, "dropout": 0.0},
        }
    )
    on_starter: Mapping[str, Any] = field(
        default_factory=lambda: {
            "backbone": {"name": "starter", "transfer": "frozen"},
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
        collection, query, sheet: files: the collection of the training images, a test image, and the search for it drawn.
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
    """The images of a demo as it wrote them.

    Attributes:
        train, test: folders with a folder for each class.
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
        images: as `write_images` gives them.
        out: folder for all that is made; a demo that was stopped goes on there.
        on_progress: gives the callback of a training by the name of its loss, and that of the indexing by `indexing`.

    Raises:
        PodobaError: as `podoba.learn.run.train` and `index_sources`.
    """
    progress = on_progress or (lambda stage: silent)
    runs = {}
    for loss in settings.losses:
        runs[loss] = _train(training_settings(images, loss, epochs, settings), out / loss, progress(loss))
        learning_curves(RunFolder(out / loss), title=loss)
    best = max(runs.values(), key=lambda run: run.knn_score or 0.0)
    tests = open_source(images.test).records
    chosen = tests[len(tests) // 2]
    query = Path(shutil.copyfile(chosen.uri, out / "query.png"))
    collection, sheet = out / "demo.podoba", out / "search.png"
    result = _index_and_search(best, images, collection, query, settings.shown, progress("indexing"))
    search_sheet(result, sheet)
    return Demo(runs, best, collection, query, chosen.label or "", result, sheet)


def write_images(
    source: ImageSource, out: Path, settings: DemoSettings = DemoSettings(), on_progress: OnProgress = silent
) -> DemoImages:
    """Write labelled images as files below `out`, a share of each class as test images; once, a second call only looks.

    Raises:
        TrainingError: images of fewer than two classes; or the folder holds a demo of other images.
    """
    if len(source.classes) < 2:
        raise TrainingError(f"{source.name}: the demo needs images of two classes or more, each in a folder of its own")
    train, test, facts_path = out / "images" / "train", out / "images" / "test", out / "images.json"
    origin = {"source": source.root, "fingerprint": source.fingerprint()}
    if facts_path.exists():
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        if {key: facts.get(key) for key in origin} != origin:
            raise TrainingError(f"{out} holds a demo of other images ({facts.get('source')}): choose another --out, or delete it")
        return DemoImages(train, test, int(facts["side"]), [])
    source = source.subset([i for i, label in enumerate(source.labels) if label is not None])
    source = source.subset([int(i) for i in balanced_subset(source.labels, settings.most, 0)])
    held_out = set(stratified_split(source.labels, settings.held_out, 0)[1].tolist())
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
    write_json(facts_path, origin | {"side": side})  # last: only what is whole is used again
    return DemoImages(train, test, side, skipped)


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
            **(settings.from_scratch if images.side <= settings.small else settings.on_starter),
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
