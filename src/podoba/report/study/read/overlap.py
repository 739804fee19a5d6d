"""Test images that are near-duplicates of training images, and what the scores are without them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.errors import UnreadableImage
from podoba.images.compare.overlap import SIDE, close_hashes, difference_hash, pixel_correlations
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord
from podoba.images.sources.base import ImageSource
from podoba.metrics.knn import K, vote
from podoba.parallel import ahead
from podoba.progress import OnProgress
from podoba.report.study.read.shown import Shown

HASH_BITS = 12  # of 64 in which the hashes of candidates may differ
LIKENESS = 0.9  # correlation of two thumbnails from which on they are one picture: set by eye on CIFAR-10
CANDIDATES = 3  # nearest results that are compared pixel by pixel
LOOKED_AT = 200_000  # images of a gallery at most
LISTED = 24
VERSION = 2

Pair = dict[str, Any]


def near_duplicates(
    shown: Sequence[Shown], queries: ImageSource, gallery: ImageSource, cache: Path, progress: OnProgress | None = None
) -> list[Pair]:
    """The nearest duplicate of each test image that has one, most alike first; from the cache where it is in it.

    Candidates are pairs whose pixel hashes are close, and the nearest results of each test image under every variant; either
    kind counts only where the pixels themselves agree.

    Args:
        shown: variants with one and the same gallery source.

    Returns:
        Of each pair `query` and `gallery` (rows of the sources), `correlation`, `same_class`, `by_hash`, `by_descriptor`.
    """
    if not shown:
        return []
    stamp = [
        VERSION,
        HASH_BITS,
        LIKENESS,
        CANDIDATES,
        queries.fingerprint(),
        gallery.fingerprint(),
        [one.cell.key for one in shown],
    ]
    path = cache / f"duplicates-{hashlib.sha256(json.dumps(stamp).encode()).hexdigest()[:16]}.json"
    if path.exists():
        saved: list[Pair] = json.loads(path.read_text(encoding="utf-8"))
        return saved
    found = _find(shown, queries, gallery, progress)
    cache.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(found), encoding="utf-8")
    os.replace(draft, path)
    return found


def scores_without(one: Shown, pairs: Sequence[Pair]) -> tuple[float, float] | None:
    """The KNN score on all labelled test images, and on those without a near-duplicate; None where either set is empty."""
    results = one.results
    labelled = results.query_labels >= 0
    clean = labelled & ~np.isin(results.query_rows, [pair["query"] for pair in pairs])
    if not clean.any():
        return None
    right = vote(results.indices[:, :K], results.gallery_labels) == results.query_labels
    return float(right[labelled].mean()), float(right[clean].mean())


def thumbnails(records: Sequence[ImageRecord], progress: OnProgress | None = None) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Small pictures uint8 (N, 16, 16, 3) and which of them could be read, bool (N,)."""
    pixels = np.zeros((len(records), SIDE, SIDE, 3), np.uint8)
    readable = np.zeros(len(records), np.bool_)
    for i, one in enumerate(ahead(records, _thumbnail, window=512)):
        if one is not None:
            pixels[i], readable[i] = one, True
        if progress is not None and i % 500 == 0:
            progress("comparing pictures", i, len(records))
    return pixels, readable


def _thumbnail(record: ImageRecord) -> NDArray[np.uint8] | None:
    try:
        return load_pixels(record, SIDE, "stretch")
    except UnreadableImage:
        return None


def _find(shown: Sequence[Shown], queries: ImageSource, gallery: ImageSource, progress: OnProgress | None) -> list[Pair]:
    asked = shown[0].results.query_rows
    held = np.unique(np.concatenate([one.results.gallery_rows for one in shown]))[:LOOKED_AT]
    first, readable = thumbnails([queries.records[row] for row in asked], progress)
    second, also = thumbnails([gallery.records[row] for row in held], progress)
    by_hash = close_hashes(difference_hash(first), difference_hash(second), HASH_BITS)
    by_descriptor = np.unique(np.concatenate([_nearest(one, held) for one in shown]), axis=0)
    pairs, kind = _joined(by_hash, by_descriptor)
    sound = readable[pairs[:, 0]] & also[pairs[:, 1]]
    pairs, kind = pairs[sound], kind[sound]
    correlations = np.concatenate(
        [
            np.zeros(0),
            *(pixel_correlations(first[p[:, 0]], second[p[:, 1]]) for p in np.array_split(pairs, len(pairs) // 4096 + 1)),
        ]
    )
    alike = np.flatnonzero(correlations >= LIKENESS)
    best: dict[int, int] = {}
    for i in alike[np.argsort(-correlations[alike], kind="stable")]:
        best.setdefault(int(pairs[i, 0]), int(i))
    classes = {
        int(row): int(c) for one in shown for row, c in zip(one.results.gallery_rows, one.results.gallery_labels, strict=True)
    }
    return [
        {
            "query": int(asked[pairs[i, 0]]),
            "gallery": int(held[pairs[i, 1]]),
            "correlation": round(float(correlations[i]), 3),
            "same_class": classes.get(int(held[pairs[i, 1]])) == int(shown[0].results.query_labels[pairs[i, 0]]),
            "by_hash": bool(kind[i] & 1),
            "by_descriptor": bool(kind[i] & 2),
        }
        for i in best.values()
    ]


def _nearest(one: Shown, held: Indices) -> Indices:
    """Pairs (place of the query, place in `held`) of the nearest results."""
    rows = one.results.gallery_rows[one.results.indices[:, :CANDIDATES]]
    places = np.searchsorted(held, rows)
    asked = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    inside = held[np.minimum(places, len(held) - 1)] == rows
    return np.stack([asked[inside], places[inside]], axis=1)


def _joined(by_hash: Indices, by_descriptor: Indices) -> tuple[Indices, Indices]:
    """All pairs once, and for each 1 where the hash found it, 2 where a descriptor did, 3 where both."""
    pairs = np.concatenate([by_hash, by_descriptor])
    kinds = np.concatenate([np.ones(len(by_hash), np.int64), np.full(len(by_descriptor), 2)])
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    joined = np.zeros(len(distinct), np.int64)
    np.bitwise_or.at(joined, which.ravel(), kinds)
    return distinct, joined
