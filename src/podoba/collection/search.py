"""Search by picture: exact neighbours among the items that a filter lets through."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.store import Collection, Item
from podoba.errors import CollectionError
from podoba.images.decode import load_pixels
from podoba.images.source import open_source
from podoba.models.encoder import Encoder

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """One result: similarity is the cosine in [-1, 1], probability the calibrated chance, None where not calibrated."""

    rank: int
    id: str
    uri: str
    label: str | None
    similarity: float
    probability: float | None


@dataclass(frozen=True)
class SearchResult:
    """The hits of a query, most similar first."""

    query: str
    hits: list[Hit]
    exact: bool
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba search --json`."""
        return asdict(self)


def describe_query(collection: Collection, query: str, encoder: Encoder | None) -> tuple[Floats, str | None]:
    """The descriptor (dim,) of a query, and the id of the item that it is (which then is no hit of itself).

    Args:
        query: the path of an image, or `id:ID` for an item of the collection.
        encoder: of the collection's model; needed for images.

    Raises:
        CollectionError: no such item, or an encoder of another model.
        UnreadableImage, SourceError: a query image that cannot be read.
    """
    if query.startswith("id:"):
        id_ = query.removeprefix("id:")
        return collection.descriptor(id_), id_
    if encoder is None:
        raise CollectionError(f"{query}: an image can only be searched for with the collection's model")
    if encoder.fingerprint != collection.fact("fingerprint"):
        raise CollectionError(
            f"{collection.path}: built with model {collection.fact('model')!r}, which has changed since "
            f"({encoder.path} is another): index into a new file"
        )
    records = open_source(Path(query)).records
    if len(records) != 1:
        raise CollectionError(f"{query}: a query is one image, this is a source of {len(records)}")
    pixels = load_pixels(records[0], encoder.card.input_size, encoder.card.resize)
    return encoder.encode(pixels[None])[0], None


def search(
    collection: Collection,
    query: str,
    *,
    encoder: Encoder | None = None,
    k: int = 10,
    where: str | None = None,
    min_probability: float | None = None,
) -> SearchResult:
    """The k items most similar to a query; exact, whatever the filter.

    Args:
        query, encoder: as in `describe_query`.
        where: only items of this filter (`compile_filter`).
        min_probability: only hits at least this likely to be of the query's kind; the answer may be empty.

    Raises:
        CollectionError: empty collection, unknown item, wrong filter.
        ModelError: a probability is asked of a model that was never calibrated.
    """
    started = time.perf_counter()
    card = collection.card
    if card is None or not len(collection):
        raise CollectionError(
            f"{collection.path}: the collection is empty: add images with `podoba index {collection.path} FOLDER`"
        )
    least = -np.inf if min_probability is None else card.similarity_at(min_probability)
    descriptor, own = describe_query(collection, query, encoder)
    ids, matrix = collection.descriptors(where)
    similarities = matrix @ descriptor
    order = _largest(similarities, k + (own is not None))
    chosen = [i for i in order if ids[i] != own and similarities[i] >= least][:k]
    probabilities = card.probability(similarities[chosen])
    hits = [
        _hit(
            rank,
            collection.item(ids[i]),
            float(similarities[i]),
            None if probabilities is None else float(probabilities[rank]),
        )
        for rank, i in enumerate(chosen)
    ]
    return SearchResult(query, hits, True, time.perf_counter() - started)


def _hit(rank: int, item: Item, similarity: float, probability: float | None) -> Hit:
    return Hit(rank + 1, item.id, item.uri, item.label, similarity, probability)


def _largest(values: Floats, k: int) -> list[int]:
    """Places of the k largest values, largest first, ties by place."""
    if k < len(values):
        bound = np.partition(values, len(values) - k)[len(values) - k]
        places = np.flatnonzero(values >= bound)
    else:
        places = np.arange(len(values))
    return [int(i) for i in places[np.lexsort((places, -values[places]))][:k]]
