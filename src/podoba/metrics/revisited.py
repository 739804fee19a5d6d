"""Instance retrieval on Oxford and Paris: the original protocol and the revisited one.

Philbin et al., "Object retrieval with large vocabularies and fast spatial matching" (2007) and "Lost in quantization" (2008);
Radenović et al., "Revisiting Oxford and Paris" (2018). Junk images count neither as right nor as wrong: they are taken out of the
ranking.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices, similarity_blocks
from podoba.errors import SourceError
from podoba.metrics.retrieval import ranking

PROTOCOLS: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # positives, junk
    "original": {"original": (("good", "ok"), ("junk",))},
    "revisited": {
        "easy": (("easy",), ("hard", "junk")),
        "medium": (("easy", "hard"), ("junk",)),
        "hard": (("hard",), ("easy", "junk")),
    },
}


@dataclass(frozen=True)
class Query:
    """A query of the ground truth.

    Attributes:
        name: file name of the query image, without ending.
        box: left, top, right, bottom in pixels of what is sought.
        lists: gallery names of each kind: good, ok, junk, or easy, hard, junk.
    """

    name: str
    box: tuple[float, float, float, float]
    lists: dict[str, list[str]]


@dataclass(frozen=True)
class GroundTruth:
    """Queries, and the protocol (`original` or `revisited`) they are scored by.

    Attributes:
        gallery: names of the gallery images in order, where the ground truth lists them.
    """

    queries: list[Query]
    protocol: str
    gallery: list[str] | None = None


def read_ground_truth(path: Path) -> GroundTruth:
    """A folder of `*_query.txt`, `*_good.txt`, `*_ok.txt`, `*_junk.txt`, or a `.json` of the revisited form.

    The revisited ground truth is published as a pickle, which is never read here: a pickle can run code. Where you trust it,
    `json.dump(pickle.load(open(NAME, "rb")), open("gnd.json", "w"), default=lambda x: x.tolist())` makes what is read here.

    Raises:
        SourceError: files that are missing or not of this form.
    """
    try:
        return _read_folder(path) if path.is_dir() else _read_json(path)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise SourceError(
            f"{path}: no ground truth can be read here ({type(error).__name__}: {error}): name a folder of *_query.txt files "
            "or a .json with imlist, qimlist and gnd"
        ) from error


def _read_folder(path: Path) -> GroundTruth:
    queries = []
    for file in sorted(path.glob("*_query.txt")):
        name, *box = file.read_text(encoding="utf-8").split()
        stem = file.name.removesuffix("_query.txt")
        lists = {kind: (path / f"{stem}_{kind}.txt").read_text(encoding="utf-8").split() for kind in ("good", "ok", "junk")}
        left, top, right, bottom = (float(value) for value in box)
        queries.append(Query(name.removeprefix("oxc1_"), (left, top, right, bottom), lists))
    if not queries:
        raise ValueError("no *_query.txt")
    return GroundTruth(queries, "original")


def _read_json(path: Path) -> GroundTruth:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    gallery = [str(name) for name in values["imlist"]]
    queries = []
    for name, truth in zip(values["qimlist"], values["gnd"], strict=True):
        lists = {kind: [gallery[int(i)] for i in truth[kind]] for kind in ("easy", "hard", "junk")}
        left, top, right, bottom = (float(value) for value in truth["bbx"])
        queries.append(Query(str(name), (left, top, right, bottom), lists))
    return GroundTruth(queries, "revisited", gallery)


def score_instances(
    queries: Floats, gallery: Floats, gallery_names: Sequence[str], truth: GroundTruth, ks: Sequence[int] = (1, 5, 10)
) -> dict[str, dict[str, float | None]]:
    """mAP and mP@k of each difficulty of the protocol; None where no query has a positive.

    Args:
        queries: float32 (Q, D), unit length, in the order of `truth.queries`.
        gallery: float32 (G, D), unit length, with file names without ending (G,).

    Raises:
        SourceError: a name of the ground truth that is not in the gallery.
    """
    place = {name: i for i, name in enumerate(gallery_names)}
    kinds = PROTOCOLS[truth.protocol]
    collected: dict[str, list[tuple[float, ...]]] = {name: [] for name in kinds}
    for rows, block in similarity_blocks(queries, gallery):
        for query, order in zip(truth.queries[rows.start : rows.stop], ranking(block), strict=True):
            for name, (good, junk) in kinds.items():
                right = _places(query, good, place)
                if len(right):
                    collected[name].append(_score(order, right, _places(query, junk, place), ks))
    names = ["map", *(f"mp@{k}" for k in ks)]
    return {
        kind: {name: float(np.mean([row[i] for row in rows])) if rows else None for i, name in enumerate(names)}
        for kind, rows in collected.items()
    }


def average_precision(ranks: NDArray[np.int64]) -> float:
    """Area under precision against recall, by trapezoids, as the sets' own program computes it.

    Args:
        ranks: int64 (R,), places of the positives from 0, rising, junk taken out.
    """
    found = np.arange(len(ranks))
    before = np.where(ranks == 0, 1.0, found / np.maximum(ranks, 1))
    after = (found + 1) / (ranks + 1)
    return float(((before + after) / 2).mean())


def _score(order: Indices, right: Indices, junk: Indices, ks: Sequence[int]) -> tuple[float, ...]:
    kept = order[~np.isin(order, junk)]
    ranks = np.flatnonzero(np.isin(kept, right))
    precisions = []
    for k in ks:
        # As published: the depth ends at the last positive where that comes before k.
        depth = min(int(ranks[-1]) + 1, k)
        precisions.append(float((ranks < depth).sum() / depth))
    return (average_precision(ranks), *precisions)


def _places(query: Query, kinds: Sequence[str], place: dict[str, int]) -> Indices:
    names = [name for kind in kinds for name in query.lists[kind]]
    missing = [name for name in names if name not in place]
    if missing:
        raise SourceError(
            f"{missing[0]!r} of the ground truth of {query.name} is not among the gallery images: index all of the set"
        )
    return np.array([place[name] for name in names], dtype=np.int64)
