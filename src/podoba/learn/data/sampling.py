"""How images are put into batches: pure functions of (labels, seed, epoch)."""

from collections.abc import Sequence

import numpy as np

from podoba.arrays import Indices
from podoba.errors import TrainingError
from podoba.runs.settings import SamplerSettings


def epoch_batches(
    settings: SamplerSettings, labels: Indices, batch_size: int, seed: int, epoch: int, least: int = 2
) -> list[Indices]:
    """The batches of one epoch, whatever the number of processes that share each of them.

    Args:
        settings: with the name resolved to shuffled or balanced.
        labels: of shape (N,), int64; a negative one means unknown, and is left out of balanced batches.
        batch_size: images in a batch.
        least: images in the smallest batch; a shuffled last one of fewer is joined to the one before.

    Returns:
        Arrays of indices into `labels`, int64.

    Raises:
        TrainingError: a batch cannot be made.
    """
    if len(labels) < least:
        raise TrainingError(f"a batch needs {least} images or more, but only {len(labels)} are there to learn from: add images")
    rng = np.random.default_rng([seed, epoch])
    if settings.name == "balanced":
        batches = _balanced(settings, labels, batch_size, rng)
    else:
        batches = _shuffled(len(labels), batch_size, rng, least)
    if (smallest := min(map(len, batches))) < least:
        raise TrainingError(f"a batch has {smallest} images, and these processes need {least}: raise batch_size, or start fewer")
    return batches


def validation_batches(settings: SamplerSettings, labels: Indices, batch_size: int, seed: int, pairs: bool) -> list[Indices]:
    """Always the same batches of the held-out images: of pairs as in training where `pairs`, else in order.

    Args:
        labels: of shape (N,), int64.
        pairs: the loss lives on pairs; then there are no batches where no two images make one.

    Returns:
        Arrays of indices into `labels`, int64.
    """
    if settings.name == "balanced" and pairs:
        paired = of_paired_classes(labels)
        present = len(np.unique(paired[paired >= 0]))
        # A rare class may have too few images held out: then a batch has fewer classes than in training.
        fewer = settings.model_copy(update={"classes": min(settings.classes, present)}) if settings.classes else settings
        return epoch_batches(fewer, paired, batch_size, seed, 0) if present else []
    size = max(batch_size, 256)
    return [np.arange(start, min(start + size, len(labels))) for start in range(0, len(labels), size)]


def of_paired_classes(labels: Indices) -> Indices:
    """The labels (N,), int64, with -1 in place of classes of a single image, which has no positive but itself.

    All are -1 where fewer than two classes are left: nothing can be said of pairs then.
    """
    counts = np.bincount(labels[labels >= 0], minlength=1)
    paired = np.where((labels >= 0) & (counts[labels] > 1), labels, -1)
    return paired if len(np.unique(paired[paired >= 0])) >= 2 else np.full_like(labels, -1)


def sampler_notes(
    settings: SamplerSettings, labels: Indices, class_names: Sequence[str], batch_size: int, held_out: Indices | None = None
) -> list[str]:
    """What a person should know: classes too small for the batches asked for, and batches of another size.

    Args:
        held_out: labels of the held-out images, where a loss of pairs is measured on them.
    """
    if settings.name != "balanced":
        return []
    counts = np.bincount(labels[labels >= 0], minlength=len(class_names))
    per_class = settings.per_class
    named = [f"{name} ({count})" for name, count in zip(class_names, counts.tolist(), strict=True) if 1 < count < per_class]
    single = [name for name, count in zip(class_names, counts.tolist(), strict=True) if count == 1]
    notes = []
    if named:
        notes.append(f"{_classes(named)} fewer than {per_class} images, so that some repeat in a batch: {_few(named)}")
    if single:
        notes.append(f"{_classes(single)} a single image, which is its own only positive: {_few(single)}")
    if held_out is not None and (of_paired_classes(held_out) < 0).all():
        notes.append("the held-out images make no pairs, so the training loss chooses the best epoch: hold more out (validation)")
    classes = _classes_in_batch(settings, int((counts > 0).sum()), batch_size)
    if settings.classes is None and classes * per_class != batch_size:
        notes.append(f"a batch holds {classes} classes x {per_class} images = {classes * per_class}, not batch_size={batch_size}")
    return notes


def _classes(names: Sequence[str]) -> str:
    return "1 class has" if len(names) == 1 else f"{len(names)} classes have"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def _classes_in_batch(settings: SamplerSettings, present: int, batch_size: int) -> int:
    return min(settings.classes or max(2, batch_size // settings.per_class), present)


def _shuffled(n: int, batch_size: int, rng: np.random.Generator, least: int) -> list[Indices]:
    """Every image once; the last batch is shorter, and joined to the one before where it would have fewer images than `least`."""
    order = rng.permutation(n)
    batches = [order[i : i + batch_size] for i in range(0, n, batch_size)]
    if len(batches) > 1 and len(batches[-1]) < least:  # batch statistics need two
        batches[-2:] = [np.concatenate(batches[-2:])]
    return batches


def _balanced(settings: SamplerSettings, labels: Indices, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """P classes x K images; every class's images are used up before one comes again, classes come round equally often."""
    known = labels[labels >= 0]
    present = np.unique(known)
    if len(present) < 2:
        raise TrainingError("a balanced batch needs images of two classes or more: check the labels, or sampler.name=shuffled")
    if settings.classes is not None and settings.classes > len(present):
        raise TrainingError(f"sampler.classes={settings.classes}, but only {len(present)} classes are there: lower it")
    per_class = settings.per_class
    classes = _classes_in_batch(settings, len(present), batch_size)
    count = -(-len(known) // (classes * per_class))
    images = {c: _Cycle(np.flatnonzero(labels == c), rng) for c in present.tolist()}
    turns = _Cycle(present, rng)
    return [np.array([i for c in turns.draw(classes) for i in images[c].draw(per_class)], dtype=np.int64) for _ in range(count)]


class _Cycle:
    """Draws from items, in a new random order each time all were drawn; a draw repeats one only where it is larger than all."""

    def __init__(self, items: Indices, rng: np.random.Generator) -> None:
        self.items = items
        self.rng = rng
        self.order: list[int] = []
        self.place = 0

    def draw(self, n: int) -> list[int]:
        drawn: list[int] = []
        while len(drawn) < n:
            if self.place == len(self.order):
                # What this draw has most of goes to the end, so that none comes twice before all have come once.
                self.order = sorted(self.rng.permutation(self.items).tolist(), key=drawn.count)
                self.place = 0
            taken = self.order[self.place : self.place + n - len(drawn)]
            self.place += len(taken)
            drawn += taken
        return drawn
