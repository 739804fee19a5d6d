"""What a training learns from, stops by and is judged on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from podoba.arrays import Indices
from podoba.errors import TrainingError
from podoba.images.contents import Known, count_shared
from podoba.images.resize import PixelRule
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_part, spec_of_split
from podoba.images.split import balanced_subset, stratified_split, unbalanced_subset
from podoba.learn.data.pixels import PixelStore, open_pixels
from podoba.progress import OnProgress, silent
from podoba.runs.settings import Settings


@dataclass(frozen=True)
class Split:
    """Some rows of a pixel store with their classes.

    Attributes:
        store: where the pixels are.
        rows: int64 (n,), rows of the store.
        labels: int64 (n,), index of the class in `Data.classes`; -1 for a class not trained on.
        names: class name of each row.
        pool: int64 (m,), ascending: these rows and those of the other splits of the same images. Features are computed for all of
            them at once, so that another seed, which splits them otherwise, finds them done.
    """

    store: PixelStore
    rows: Indices
    labels: Indices
    names: list[str]
    pool: Indices

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def known(self) -> Known:
        """What tells an image that is here from the same one in another split."""
        return Known([self.store.ids[i] for i in self.rows], [self.store.contents[i] for i in self.rows])


@dataclass(frozen=True)
class Data:
    """Training, validation and test images; classes are those of the training images, sorted by name."""

    classes: list[str]
    train: Split
    validation: Split | None
    test: Split | None
    notes: list[str]

    @property
    def class_counts(self) -> list[int]:
        """Training images of each class."""
        return [int(n) for n in np.bincount(self.train.labels, minlength=len(self.classes))]


def load_data(settings: Settings, rule: PixelRule, progress: OnProgress = silent) -> Data:
    """Decode (once) and split what the settings name. The validation split is never taken from the test images.

    Raises:
        TrainingError: fewer than two classes, or no readable image.
    """
    source = open_part(settings.train, "train")
    store = open_pixels(source, rule, progress, rows=_limited(source, settings.limit_train, settings.seed))
    labelled = _labelled(store.labels)
    pool = labelled
    if settings.imbalance is not None:
        labelled = labelled[unbalanced_subset([store.labels[i] for i in labelled], settings.imbalance, settings.seed)]
    names = [str(store.labels[i]) for i in labelled]
    classes = sorted(set(names))
    if len(classes) < 2:
        raise TrainingError(
            f"{settings.train}: {len(classes)} classes found, learning needs two or more: "
            "put the images of each class in a folder of its own, or give a label column"
        )
    notes = [f"{len(s.skipped)} images skipped, first {s.skipped[0].uri}: {s.skipped[0].reason}" for s in [store] if s.skipped]
    notes += source.beside.in_words()
    validation = None
    kept = np.arange(len(labelled))
    if isinstance(settings.validation, str):
        held = open_part(settings.validation, "validation")
        notes += held.beside.in_words()
        validation_store = open_pixels(held, rule, progress)
        validation = _make_split(validation_store, np.arange(len(validation_store)), classes)
        known = validation.labels >= 0
        if not known.all():
            notes.append(f"{int((~known).sum())} validation images are of classes not trained on; left out")
            validation = _make_split(validation_store, np.flatnonzero(known), classes)
    elif settings.validation > 0:
        kept, held_out = stratified_split(names, settings.validation, settings.seed)
        validation = _make_split(store, labelled[held_out], classes, pool) if len(held_out) else None
    test = None
    if settings.test is not None:
        tested = open_part(settings.test, "test")
        notes += tested.beside.in_words()
        test_store = open_pixels(tested, rule, progress, rows=_limited(tested, settings.limit_test, settings.seed))
        test = _make_split(test_store, _labelled(test_store.labels), classes)
        unseen = sorted({name for name, label in zip(test.names, test.labels, strict=True) if label < 0})
        if unseen:
            notes.append(f"{len(unseen)} classes of the test images were not trained on, first {unseen[0]!r}")
    train = _make_split(store, labelled[kept], classes, pool)
    learned = [train] if validation is None else [train, validation]  # the held-out ones choose the epoch that is kept
    for name, split, others in (("validation", validation, [train]), ("test", test, learned)):
        notes += _shared_with(others, split, name) if split is not None else []
    return Data(classes, train, validation, test, list(dict.fromkeys(notes)))


def with_fewer(data: Data, rows: Indices) -> Data:
    """The same with only some of the training images.

    Args:
        rows: int64, places in `data.train`.
    """
    train = data.train
    fewer = replace(train, rows=train.rows[rows], labels=train.labels[rows], names=[train.names[row] for row in rows])
    return replace(data, train=fewer)


def with_own_validation(settings: Settings, known: dict[str, str]) -> Settings:
    """Settings that name the validation split of the training images, where their source has one, in the place of a share.

    Args:
        known: caches what was found, by the source, between calls.
    """
    if isinstance(settings.validation, str) or not settings.validation:
        return settings
    key = f"validation split of {settings.train}"
    if key not in known:
        known[key] = spec_of_split(settings.train, "validation") or ""
    return settings.model_copy(update={"validation": known[key]}) if known[key] else settings


def _labelled(labels: Sequence[str | None]) -> Indices:
    return np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)


def _limited(source: ImageSource, limit: int | None, seed: int) -> Indices | None:
    """Rows of the labelled records that a limit leaves, balanced by class; None where there is no limit. Nothing is decoded."""
    if limit is None:
        return None
    labelled = _labelled(source.labels)
    return labelled[balanced_subset([source.records[row].label for row in labelled], limit, seed)]


def _shared_with(others: Sequence[Split], split: Split, name: str) -> list[str]:
    """A note on images of a split that are learned from too."""
    ids = [id_ for one in others for id_ in one.known.ids]
    contents = [content for one in others for content in one.known.contents]
    shared = count_shared(split.known, Known(ids, contents))
    if not shared.images:
        return []
    return [
        f"{shared.images} of {len(split)} {name} images are among the training images ({shared.by_id} by their name, "
        f"{shared.by_bytes} by their content): what is measured on them says little about new images"
    ]


def _make_split(store: PixelStore, rows: Indices, classes: list[str], pool: Indices | None = None) -> Split:
    index = {name: i for i, name in enumerate(classes)}
    names = [str(store.labels[i]) for i in rows]
    labels = np.array([index.get(name, -1) for name in names], dtype=np.int64)
    rows = np.asarray(rows, dtype=np.int64)
    return Split(store, rows, labels, names, np.sort(rows if pool is None else pool))
