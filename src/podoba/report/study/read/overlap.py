"""Test images that overlap with the training images, and what the scores are without them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Indices
from podoba.files import write_json
from podoba.images.compare.overlap import OVERLAP, OverlapSettings, find_overlap
from podoba.images.compare.pixel_similarity import SIDE
from podoba.images.reading import read_small
from podoba.images.sources.base import ImageSource
from podoba.metrics.knn import K, vote
from podoba.progress import OnProgress, silent
from podoba.report.study.read.shown import Shown

LISTED = 24
VERSION = 3


@dataclass(frozen=True)
class OverlapReportSettings:
    """Which images of a report are compared.

    Attributes:
        overlap: what counts as one picture.
        results: nearest results of each test image, under every variant, that are compared by their pixels.
        gallery_images: of the gallery at most.
    """

    overlap: OverlapSettings = OVERLAP
    results: int = 3
    gallery_images: int = 200_000


SETTINGS = OverlapReportSettings()

Pair = dict[str, Any]


def near_duplicates(
    shown: Sequence[Shown],
    queries: ImageSource,
    gallery: ImageSource,
    cache: Path,
    progress: OnProgress | None = None,
    settings: OverlapReportSettings = SETTINGS,
) -> list[Pair]:
    """The nearest duplicate of each test image that has one, most alike first; from the cache where it is in it.

    Candidates are images near by the low frequencies of their pixels, and the nearest results of each test image under every
    variant; either kind counts only where the pixels themselves agree (`find_overlap`).

    Args:
        shown: variants with one and the same gallery source.

    Returns:
        Of each pair `query` and `gallery` (rows of the sources), `correlation`, `same_class`, `by_pixels`, `by_descriptor`.
    """
    if not shown:
        return []
    stamp = [VERSION, asdict(settings), queries.fingerprint(), gallery.fingerprint(), [one.cell.key for one in shown]]
    path = cache / f"duplicates-{hashlib.sha256(json.dumps(stamp).encode()).hexdigest()[:16]}.json"
    if path.exists():
        saved: list[Pair] = json.loads(path.read_text(encoding="utf-8"))
        return saved
    pairs = _find(shown, queries, gallery, progress, settings)
    cache.mkdir(parents=True, exist_ok=True)
    write_json(path, pairs)
    return pairs


def scores_without(one: Shown, pairs: Sequence[Pair]) -> tuple[float, float] | None:
    """The KNN score on all labelled test images, and on those without a near-duplicate; None where either set is empty."""
    results = one.results
    labelled = results.query_labels >= 0
    clean = labelled & ~np.isin(results.query_rows, [pair["query"] for pair in pairs])
    if not clean.any():
        return None
    right = vote(results.indices[:, :K], results.gallery_labels) == results.query_labels
    return float(right[labelled].mean()), float(right[clean].mean())


def _find(
    shown: Sequence[Shown],
    queries: ImageSource,
    gallery: ImageSource,
    on_progress: OnProgress | None,
    settings: OverlapReportSettings,
) -> list[Pair]:
    results = shown[0].results
    rows = np.unique(np.concatenate([one.results.gallery_rows for one in shown]))[: settings.gallery_images]
    on_progress = on_progress or silent
    query_pixels, query_read = read_small([queries.records[row] for row in results.query_rows], SIDE, on_progress=on_progress)
    gallery_pixels, gallery_read = read_small([gallery.records[row] for row in rows], SIDE, on_progress=on_progress)
    readable, among = np.flatnonzero(query_read), np.flatnonzero(gallery_read)
    nearest = np.unique(np.concatenate([_nearest(one, rows, settings.results) for one in shown]), axis=0)
    nearest = nearest[query_read[nearest[:, 0]] & gallery_read[nearest[:, 1]]]
    nearest = np.stack([np.searchsorted(readable, nearest[:, 0]), np.searchsorted(among, nearest[:, 1])], axis=1)
    overlap = find_overlap(
        query_pixels if query_read.all() else query_pixels[readable],
        gallery_pixels if gallery_read.all() else gallery_pixels[among],
        nearest,
        settings.overlap,
    )
    classes = {
        int(row): int(c) for one in shown for row, c in zip(one.results.gallery_rows, one.results.gallery_labels, strict=True)
    }
    pairs: list[Pair] = []
    for place, (query, match) in enumerate(overlap.pairs.tolist()):
        asking, matched = int(readable[query]), int(rows[among[match]])
        pairs.append(
            {
                "query": int(results.query_rows[asking]),
                "gallery": matched,
                "correlation": round(float(overlap.correlation[place]), 3),
                "same_class": classes.get(matched) == int(results.query_labels[asking]),
                "by_pixels": bool(overlap.by_pixels[place]),
                "by_descriptor": bool(overlap.by_descriptor[place]),
            }
        )
    return pairs


def _nearest(one: Shown, gallery_rows: Indices, count: int) -> Indices:
    """Pairs (place of the query, place in `gallery_rows`) of the nearest results."""
    rows = one.results.gallery_rows[one.results.indices[:, :count]]
    places = np.searchsorted(gallery_rows, rows)
    queries = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    inside = gallery_rows[np.minimum(places, len(gallery_rows) - 1)] == rows
    return np.stack([queries[inside], places[inside]], axis=1)
