"""Seeded splits that keep the shares of the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def stratified_split(labels: Sequence[str | None], fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Rows kept and rows held out, sorted, both int64; of each class about `fraction` is held out, never all of it."""
    rng = np.random.default_rng(seed)
    held: list[Indices] = []
    for rows in _by_class(labels):
        count = min(round(fraction * len(rows)), len(rows) - 1)
        held.append(rng.permutation(rows)[:count])
    held_out = np.sort(np.concatenate(held)) if held else np.empty(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), held_out), held_out


def balanced_subset(labels: Sequence[str | None], n: int, seed: int) -> Indices:
    """At most `n` rows, sorted, int64, drawn so that the classes come out as equal as they can."""
    rng = np.random.default_rng(seed)
    ranked = [(rank, rng.random(), row) for rows in _by_class(labels) for rank, row in enumerate(rng.permutation(rows))]
    return np.sort(np.array([row for _, _, row in sorted(ranked)[:n]], dtype=np.int64))


def _by_class(labels: Sequence[str | None]) -> list[Indices]:
    names = np.array([label or "" for label in labels])
    return [np.flatnonzero(names == name) for name in np.unique(names)]
