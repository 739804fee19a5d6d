"""How images are put into batches: pure functions of (labels, seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from podoba.errors import TrainingError
from podoba.learn.settings import SamplerSettings

Indices = NDArray[np.int64]


def epoch_batches(
    settings: SamplerSettings, labels: Indices, batch_size: int, seed: int, epoch: int, rank: int = 0, world: int = 1
) -> list[Indices]:
    """The batches (indices into `labels`, int64) of one epoch for one of `world` processes; all get the same number.

    Raises:
        TrainingError: a balanced batch cannot be made.
    """
    rng = np.random.default_rng([seed, epoch])
    if settings.name == "balanced":
        batches = _balanced(settings, labels, batch_size, rng, world)
    else:
        batches = _shuffled(len(labels), batch_size, rng, world)
    return batches[rank::world]


def sampler_notes(settings: SamplerSettings, labels: Indices, class_names: Sequence[str], batch_size: int) -> list[str]:
    """What a person should know: classes too small for the batches asked for."""
    if settings.name != "balanced":
        return []
    counts = np.bincount(labels, minlength=len(class_names))
    small = [f"{class_names[i]} ({counts[i]})" for i in np.flatnonzero(counts < settings.per_class).tolist()]
    if not small:
        return []
    shown = ", ".join(small[:5]) + (" ..." if len(small) > 5 else "")
    return [f"{len(small)} classes have fewer than {settings.per_class} images, so that some repeat in a batch: {shown}"]


def _shuffled(n: int, batch_size: int, rng: np.random.Generator, world: int) -> list[Indices]:
    order = rng.permutation(n)
    count = max(1, -(-n // (batch_size * world))) * world
    if world > 1:  # every process gets as many batches of as many images: the first images fill the last ones up
        order = np.resize(order, max(n, count * min(batch_size, -(-n // count))))
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    if world > 1 and len(batches) % world:
        batches = np.array_split(order, count)
    if len(batches) > 1 and len(batches[-1]) == 1:  # batch statistics need two
        batches[-2:] = [np.concatenate(batches[-2:])]
    return list(batches)


def _balanced(settings: SamplerSettings, labels: Indices, batch_size: int, rng: np.random.Generator, world: int) -> list[Indices]:
    """P classes x K images; every class's images are used up before one comes again, classes come round equally often."""
    present = np.unique(labels[labels >= 0])
    if len(present) < 2:
        raise TrainingError("a balanced batch needs images of two classes or more: check the labels, or sampler.name=shuffled")
    per_class = settings.per_class
    classes = settings.classes or max(2, batch_size // per_class)
    if settings.classes is not None and settings.classes > len(present):
        raise TrainingError(f"sampler.classes={settings.classes}, but only {len(present)} classes are there: lower it")
    classes = min(classes, len(present))
    count = -(-len(labels) // (classes * per_class * world)) * world
    images = {c: _endless(np.flatnonzero(labels == c), rng) for c in present.tolist()}
    turns = _endless(present, rng)
    batches = []
    for _ in range(count):
        chosen: list[int] = []
        while len(chosen) < classes:
            c = next(turns)
            if c not in chosen:
                chosen.append(c)
        batches.append(np.array([next(images[c]) for c in chosen for _ in range(per_class)], dtype=np.int64))
    return batches


def _endless(items: Indices, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(items).tolist()
