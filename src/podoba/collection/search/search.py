"""Search: by images wanted and unwanted, filtered, re-ranked, made diverse; the answer may be that nothing is similar."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.search.marks import direction_of, find_way, marked
from podoba.collection.search.query import Composed, Part, Query, as_parts, compose, has_place, record_of
from podoba.collection.search.rerank import (
    MOST,
    Candidates,
    Reranker,
    find_reranker,
    has_copies,
    nearest_candidates,
    pick_diverse,
)
from podoba.collection.search.results import Hit, SearchResult
from podoba.collection.storage.models import empty
from podoba.errors import ModelError
from podoba.models.card import Card
from podoba.models.encoder import Encoder

POOL = 200  # candidates that are put into another order, or four times as many as are asked for


def search(
    index: DescriptorIndex,
    query: Query | Part | Sequence[Query | Part],
    *,
    unwanted: Query | Part | Sequence[Query | Part] = (),
    encoder: Encoder | None = None,
    k: int = 10,
    where: str | None = None,
    min_probability: float | None = None,
    diversity: float = 0.0,
    rerank: str | None = None,
    feedback: str | None = None,
) -> SearchResult:
    """The k items most similar to a query.

    Args:
        query: an image's path, `id:ID`, a picture (PIL, or uint8 (H, W, 3)), a descriptor (dim,) or the path of one (`.npy`), a
            `Part` with a weight or a box, or several of these, which are wanted together.
        unwanted: likewise, what the hits should be unlike.
        encoder: of the collection's model; None: it is opened where an image is asked with.
        where: only items of this filter (`compile_filter`), which is evaluated before the search.
        min_probability: only hits at least this likely to be of the query's kind; the answer may be empty.
        diversity: from 0 (similarity alone) to 1: how much a hit loses by being like the hits before it.
        rerank: a name of `RERANKERS`.
        feedback: a name of `relevance_feedback.METHODS`: use what was marked right and wrong of the wanted images, and of
            queries near them (`mark`); what is wrong for the query is no hit. Similarities and probabilities stay those to the
            query as it was asked.

    Raises:
        CollectionError: empty or damaged collection, unknown item, wrong filter, unknown way of re-ranking or of using feedback.
        ModelError: a probability is asked of a model that was never calibrated.
        UnreadableImage, SourceError: an image that cannot be read.
        ValueError: k below 1, a probability or diversity outside [0, 1], or what `compose` refuses.
        TypeError: what can be no query.
    """
    started = time.perf_counter()
    reranker = None if rerank is None else find_reranker(rerank)
    way = None if feedback is None else find_way(feedback)
    wanted, refused = as_parts(query), as_parts(unwanted)
    if k < 1:
        raise ValueError(f"k must be at least 1, it is {k}")
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity is between 0 and 1, this is {diversity}")
    store = index.store
    with store.snapshot():
        card = store.models.card
        if card is None or not len(store.items):
            raise empty(store.path)
        _check_probability(card, min_probability)
        composed = compose(store, wanted, refused, encoder)
        known = None if way is None else marked(store, wanted, composed.descriptor)
        direction = None if way is None or not known or not known.verdicts else direction_of(
            store, way, composed.descriptor, known.verdicts
        )  # fmt: skip
        hidden = composed.own if known is None else np.union1d(composed.own, known.wrong)
        found = _choose(index, composed, direction, hidden, card, k, where, min_probability, reranker, diversity)
        chances = _probabilities(card, composed, found)
        items = store.items.of_numbers(found.numbers)
        asked = [record_of(store, part).uri for part in wanted if has_place(part)]
    hits = [
        Hit(
            place + 1,
            item.id,
            item.uri,
            item.label,
            float(found.similarities[place]),
            None if chances is None else float(chances[place]),
        )
        for place, item in enumerate(items)
    ]
    marks = None if known is None else len(known.verdicts)
    return SearchResult(_in_words(wanted, refused), hits, found.exact, time.perf_counter() - started, asked, marks)


def _choose(
    index: DescriptorIndex,
    composed: Composed,
    learned: Floats | None,
    hidden: Indices,
    card: Card,
    k: int,
    where: str | None,
    min_probability: float | None,
    reranker: Reranker | None,
    diversity: float,
) -> Candidates:
    """The k candidates to show, in their order: that of the direction learned from marks, where there is one."""
    query = composed.descriptor if learned is None else learned
    reordered = reranker is not None or learned is not None or diversity > 0
    # Of a composed query the chance does not fall with the similarity: likely items may lie behind the k nearest.
    scattered = min_probability is not None and composed.moved
    count = max(POOL, 4 * k) if reordered or scattered else k
    while True:
        found = nearest_candidates(index, query, count + len(hidden), where)
        whole = len(found) < count + len(hidden)
        found = found.without(hidden)
        if reranker is not None:
            found = reranker(index, query, found, count + len(hidden), where).without(hidden)
        if learned is not None:
            found = replace(found, similarities=found.descriptors @ composed.descriptor)
        if min_probability is not None:
            chances = _probabilities(card, composed, found)
            found = found if chances is None else found.take(chances >= min_probability)
        if not diversity:
            if scattered and len(found) < k and not whole and count < MOST:
                count *= 4
                continue
            return found.take(np.arange(min(k, len(found))))
        picked = pick_diverse(found, k, diversity)
        if whole or count >= MOST or not has_copies(picked):
            return picked
        count *= 4


def _probabilities(card: Card, composed: Composed, found: Candidates) -> NDArray[np.float64] | None:
    """The chance (n,) of each candidate to be of the query's kind; None where the model was never calibrated.

    Only a pair of images has a calibrated chance: of several wanted ones it is the mean over them by their weights.
    """
    if len(composed.wanted) == 1 and not composed.moved:
        return card.probability(found.similarities)
    chances = card.probability(found.descriptors @ composed.wanted.T)
    return None if chances is None else chances @ composed.weights


def _check_probability(card: Card, min_probability: float | None) -> None:
    if min_probability is None:
        return
    if card.calibration is None:
        raise ModelError(f"model {card.name!r} was never calibrated, so it knows no probability: leave it out")
    if not 0 <= min_probability <= 1:
        raise ValueError(f"a probability is between 0 and 1, this is {min_probability}")


def _in_words(wanted: Sequence[Part], unwanted: Sequence[Part]) -> str:
    return " ".join([" + ".join(map(str, wanted)), *(f"- {part}" for part in unwanted)])
