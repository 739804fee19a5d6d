"""Collections of labelled images for the benchmarks of searching, and how well a list of hits answers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from podoba.collection.collection import Collection
from podoba.collection.search.results import Hit
from podoba.collection.storage.items import Item
from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset
from podoba.models.names import open_model

K = 100  # hits that are looked at


@dataclass(frozen=True)
class Labelled:
    """A collection and the items that ask.

    Attributes:
        counts: images by label.
        queries: items of labels with two images or more, drawn at random.
    """

    name: str
    collection: Collection
    counts: Counter[str | None]
    queries: list[Item]


def arguments(description: str) -> argparse.ArgumentParser:
    """What all these benchmarks are told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("sources", nargs="+", help="labelled images: folders, Parquet files, named sets")
    parser.add_argument("--model", default="small")
    parser.add_argument("--limit", type=int, default=4000, help="images of a source, balanced by class")
    parser.add_argument("--queries", type=int, default=200)
    return parser


def collections(options: argparse.Namespace) -> Iterator[Labelled]:
    """A fresh collection of each source, one after the other."""
    encoder = open_model(options.model)
    for spec in options.sources:
        source = open_source(spec)
        if len(source) > options.limit:
            source = source.subset(balanced_subset(source.labels, options.limit, 0).tolist())
        with TemporaryDirectory() as folder, Collection.open(Path(folder) / "images.podoba", create=True) as collection:
            collection.index_sources([source], encoder, model=options.model)
            items = collection.items()
            counts = Counter(item.label for item in items)
            able = [item for item in items if counts[item.label] > 1]
            drawn = np.random.default_rng(0).permutation(len(able))[: options.queries]
            yield Labelled(Path(spec).stem, collection, counts, [able[i] for i in drawn])


def answered(hits: Sequence[Hit], label: str | None, there: int) -> tuple[float, float, float]:
    """MAP@R, precision@10 and recall@1 of hits, where `there` images of the label are to be found (R, at most `K`)."""
    right = np.array([hit.label == label for hit in hits], dtype=np.float64)
    depth = min(there, K)
    within = right[:depth]
    precision = np.cumsum(within) / np.arange(1, len(within) + 1)
    return float((precision * within).sum() / depth), float(right[:10].sum() / min(10, there)), float(right[:1].sum())


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """As a table in Markdown."""
    for row in (columns, ["---"] * len(columns), *rows):
        print(f"| {' | '.join(row)} |", flush=True)
