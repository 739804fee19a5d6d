"""Generated descriptors as `podoba index --into` leaves them: Parquet files, one for each shard; and what is truly nearest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.collection.storage.items import Item
from podoba.collection.transfer.export import WRITERS
from podoba.images.sources.base import record_id
from podoba.models.names import find_model, open_model
from podoba.scale.vectors.schema import number_of
from search import Floats, K, generate, nearest

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """What was written, and what is to be found in it.

    Attributes:
        folder: of the Parquet files.
        count: items.
        queries: descriptors (Q, dim), not among them.
        nearest: numbers (Q, K) of the items truly nearest to each.
        filters: by query, a filter by a label that lies far from it.
        under_filter: numbers (at most K) of the items truly nearest to each query under its filter.
    """

    folder: Path
    count: int
    queries: Floats
    nearest: Ids
    filters: list[str]
    under_filter: list[Ids]


def write_shards(folder: Path, count: int, queries: int, in_one: int = 10_000, model: str = "small") -> Known:
    """Write descriptors of clusters on the unit sphere, each cluster a label, with the facts of an image of 64 pixels.

    Args:
        in_one: items of one file.
        model: whose descriptors they are said to be; small: of 256 numbers.
    """
    encoder = open_model(model)
    dim = encoder.card.dim
    facts = {
        "model": model, "path": str(find_model(model)), "fingerprint": encoder.fingerprint, "card": encoder.card.to_json(),
    }  # fmt: skip
    base, labels = generate(count, dim, 1)
    asked = generate(queries, dim, 2)[0]
    numbers = np.array([number_of(record_id(_uri(row))) for row in range(count)], dtype=np.int64)
    folder.mkdir(parents=True)
    for start in range(0, count, in_one):
        rows = range(start, min(count, start + in_one))
        name = hashlib.sha256(b"shard %d" % start).hexdigest()
        items = [_item(row, int(labels[row])) for row in rows]
        WRITERS[".parquet"](folder / f"{name}.parquet", items, base[start : start + in_one], json.dumps(facts))
    far = _far_labels(base, asked, labels)
    under = [numbers[_best(base, labels == label, query)] for label, query in zip(far, asked, strict=True)]
    return Known(folder, count, asked, numbers[nearest(asked, base)], [f"label == 'kind {label}'" for label in far], under)


def recall(found: Ids, truth: Ids) -> float:
    """Share of the numbers of `truth` (n,) that were found."""
    return float(np.isin(truth, found).mean())


def _uri(row: int) -> str:
    return f"/pictures/{row // 1000}/{row}.png"


def _item(row: int, label: int) -> Item:
    content, uri = hashlib.sha256(b"bytes %d" % row).hexdigest(), _uri(row)
    return Item(record_id(uri), uri, "/pictures", f"kind {label}", content, 7000, f"{row}", 64, 64, "PNG")


def _far_labels(base: Floats, asked: Floats, labels: Ids) -> list[int]:
    """The label that lies furthest from each query."""
    known = np.unique(labels)
    centres = np.stack([base[labels == label].mean(axis=0) for label in known])
    return [int(label) for label in known[(asked @ centres.T).argmin(axis=1)]]


def _best(base: Floats, chosen: NDArray[np.bool_], query: Floats) -> Ids:
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-(base[rows] @ query), kind="stable")[:K]]
