"""Search by picture: exact neighbours among the items that a filter lets through."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.items import Item, shown
from podoba.collection.origin import container_of, find_record
from podoba.collection.store import Collection
from podoba.errors import CollectionError, ModelError, SourceError
from podoba.images.decode import load_pixels
from podoba.models.encoder import Encoder
from podoba.models.names import open_model

Floats = NDArray[np.float32]
Query = str | Path | NDArray[np.floating[Any]]


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
    """The hits of a query, most similar first; `exact` where no better item can have been missed."""

    query: str
    hits: list[Hit]
    exact: bool
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba search --json`."""
        hits = [asdict(hit) | {"uri": shown(hit.uri)} for hit in self.hits]
        return asdict(self) | {"query": shown(self.query), "hits": hits}


def open_encoder(collection: Collection, threads: int | None = None) -> Encoder:
    """The encoder of the collection's model, found by the name under which it was remembered, else by its path.

    Raises:
        CollectionError: the collection has no model yet, or the model of that name has changed since.
        ModelError: it is no longer there.
    """
    name, path = collection.fact("model"), collection.fact("path")
    if name is None or path is None:
        raise _empty(collection)
    try:
        encoder = open_model(name, threads)
    except ModelError:
        if not Path(path).is_file():
            raise
        encoder = Encoder(Path(path), threads)
    _check_model(collection, encoder)
    return encoder


def describe_query(collection: Collection, query: Query, encoder: Encoder | None = None) -> tuple[Floats, str | None]:
    """The descriptor (dim,), unit length, of a query, and the id of the item that it is (which then is no hit of itself).

    Args:
        query: the path of an image, `id:ID` for an item of the collection, or a descriptor (dim,), which is normalised.
        encoder: of the collection's model; None: it is opened where an image is asked for.

    Raises:
        CollectionError: no such item, or an encoder of another model.
        UnreadableImage, SourceError: a query image that cannot be read.
        ValueError: a descriptor of another shape, or without direction.
    """
    if isinstance(query, np.ndarray):
        return _unit(query, collection), None
    text = str(query)
    if text.startswith("id:"):
        id_ = text.removeprefix("id:")
        return collection.descriptor(id_), id_
    path = Path(text).expanduser().absolute()
    if not path.is_file() and container_of(str(path)) is None:
        raise SourceError(f"{shown(text)}: no such image: name an image file, or id:ID for an item of the collection")
    if encoder is None:
        encoder = open_encoder(collection)
    else:
        _check_model(collection, encoder)
    pixels = load_pixels(find_record(str(path)), encoder.card.input_size, encoder.card.resize)
    return encoder.encode(pixels[None])[0], None


def search(
    collection: Collection,
    query: Query,
    *,
    encoder: Encoder | None = None,
    k: int = 10,
    where: str | None = None,
    min_probability: float | None = None,
) -> SearchResult:
    """The k items most similar to a query; exact, whatever the filter.

    Args:
        query, encoder: as in `describe_query`.
        where: only items of this filter (`compile_filter`), which is evaluated before the search.
        min_probability: only hits at least this likely to be of the query's kind; the answer may be empty.

    Raises:
        CollectionError: empty or damaged collection, unknown item, wrong filter.
        ModelError: a probability is asked of a model that was never calibrated.
        ValueError: k below 1, or a probability outside [0, 1].
    """
    started = time.perf_counter()
    if k < 1:
        raise ValueError(f"k must be at least 1, it is {k}")
    with collection.snapshot():
        card = collection.card
        if card is None or not len(collection):
            raise _empty(collection)
        if min_probability is not None:
            if card.calibration is None:
                raise ModelError(f"model {card.name!r} was never calibrated, so it knows no probability: leave it out")
            if not 0 <= min_probability <= 1:
                raise ValueError(f"a probability is between 0 and 1, this is {min_probability}")
        descriptor, own = describe_query(collection, query, encoder)
        found = collection.nearest(descriptor, k + (own is not None), where)
        items = collection.numbered(found.numbers[0])
    similarities = found.similarities[0]
    probabilities = card.probability(similarities)
    hits: list[Hit] = []
    for i, item in enumerate(items):
        probability = None if probabilities is None else float(probabilities[i])
        likely = min_probability is None or probability is None or probability >= min_probability
        if item.id != own and likely and len(hits) < k:
            hits.append(_hit(len(hits) + 1, item, float(similarities[i]), probability))
    name = "descriptor" if isinstance(query, np.ndarray) else str(query)
    return SearchResult(name, hits, found.exact, time.perf_counter() - started)


def _hit(rank: int, item: Item, similarity: float, probability: float | None) -> Hit:
    return Hit(rank, item.id, item.uri, item.label, similarity, probability)


def _unit(descriptor: NDArray[np.floating[Any]], collection: Collection) -> Floats:
    card = collection.card
    length = float(np.linalg.norm(descriptor))
    if card is None or descriptor.shape != (card.dim,) or not np.isfinite(length) or length == 0:
        expected = None if card is None else card.dim
        raise ValueError(f"a descriptor must be ({expected},), finite and not zero; this is {descriptor.shape}")
    return (descriptor / length).astype(np.float32)


def _check_model(collection: Collection, encoder: Encoder) -> None:
    if encoder.fingerprint != collection.fact("fingerprint"):
        raise CollectionError(
            f"{collection.path}: built with model {collection.fact('model')!r} ({collection.fact('fingerprint')}), and "
            f"{encoder.path} is another or has changed since ({encoder.fingerprint}): index into a new file"
        )


def _empty(collection: Collection) -> CollectionError:
    return CollectionError(f"{collection.path}: the collection is empty: add images with `podoba index {collection.path} FOLDER`")
