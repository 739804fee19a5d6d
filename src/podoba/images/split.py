"""Splits: their names, and seeded ones that keep the shares of the classes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices

SPLITS: Mapping[str, str] = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
"""Names that splits have in folders, tables and commands, in lower case, and what they are called here."""


def split_named(text: str) -> str | None:
    """What a split of this usual name is called here, such as `validation` for `Val`; None where it is no usual name."""
    return SPLITS.get(text.strip().lower())


def as_split(text: str | None) -> str | None:
    """The name of a split as a record has it: usual names as `split_named`, others as they are; None for none."""
    name = (text or "").strip()
    return split_named(name) or name or None


def stratified_split(labels: Sequence[str | None], fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Rows kept and rows held out, sorted, both int64.

    Of each class about `fraction` is held out, never all of it; where classes are too small for that, those with the largest
    remainders give one image each, so that the share of the whole is still met.
    """
    rng = np.random.default_rng(seed)
    classes = [rng.permutation(rows) for rows in _by_class(labels)]
    wanted = np.array([fraction * len(rows) for rows in classes])
    most = np.array([len(rows) - 1 for rows in classes])
    counts = np.minimum(np.floor(wanted), most).astype(int)
    missing = round(fraction * len(labels)) - int(counts.sum())
    for place in np.lexsort((rng.random(len(classes)), counts - wanted))[: max(missing, 0)]:
        counts[place] = min(counts[place] + 1, most[place])
    held_out = np.sort(np.concatenate([rows[:count] for rows, count in zip(classes, counts, strict=True)]))
    return np.setdiff1d(np.arange(len(labels)), held_out), held_out


def unbalanced_subset(labels: Sequence[str | None], ratio: float, seed: int) -> NDArray[np.int64]:
    """Indices of a subset whose largest class has `ratio` times the images of the smallest, ascending.

    Sizes fall exponentially from class to class (Cui et al., "Class-Balanced Loss", 2019), in an order drawn from the seed; two
    images at least are left of each class that has them.
    """
    rng = np.random.default_rng(seed)
    names = np.array([label or "" for label in labels])
    classes = rng.permutation(np.unique(names))
    kept = []
    for place, name in enumerate(classes):
        members = rng.permutation(np.flatnonzero(names == name))
        share = ratio ** (-place / max(1, len(classes) - 1))
        kept.append(members[: max(round(len(members) * share), min(2, len(members)))])
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, dtype=np.int64)


def balanced_subset(labels: Sequence[str | None], n: int, seed: int) -> Indices:
    """At most `n` rows, sorted, int64, drawn so that the classes come out as equal as they can."""
    rng = np.random.default_rng(seed)
    ranked = [(rank, rng.random(), row) for rows in _by_class(labels) for rank, row in enumerate(rng.permutation(rows))]
    return np.sort(np.array([row for _, _, row in sorted(ranked)[:n]], dtype=np.int64))


def _by_class(labels: Sequence[str | None]) -> list[Indices]:
    names = np.array([label or "" for label in labels])
    return [np.flatnonzero(names == name) for name in np.unique(names)]
