"""Search: by images and words, wanted and unwanted, filtered, re-ranked, made diverse; it may be that nothing is similar."""

import time
from collections.abc import Sequence

import numpy as np

from podoba.collection.search.marks import MarkedItems, direction_from, marked_items
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import (
    NONE,
    ComposedQuery,
    Part,
    Query,
    as_parts,
    compose,
    has_place,
    has_words,
    in_words,
    record_of,
)
from podoba.collection.search.rerank import CandidatePool, Candidates
from podoba.collection.search.results import SearchResult, hits_of
from podoba.collection.search.settings import DEFAULT, SearchSettings
from podoba.collection.search.steps import Chances, may_be_copies, steps_for
from podoba.collection.storage.models import empty
from podoba.collection.vectors import Searchable, Vectors
from podoba.errors import CollectionError, ModelError
from podoba.models.calibration import Background
from podoba.models.card import Card
from podoba.models.encoder import Encoder


def search(
    index: Vectors,
    query: Query | Part | Sequence[Query | Part],
    unwanted: Query | Part | Sequence[Query | Part] = (),
    options: SearchOptions | None = None,
    *,
    encoder: Encoder | None = None,
    settings: SearchSettings = DEFAULT,
) -> SearchResult:
    """The k items most similar to a query.

    Args:
        query: an image's path, `id:ID`, `text:WORDS`, an image in memory (PIL, or uint8 (H, W, 3)), a descriptor (dim,) or the
            path of one (`.npy`), a `Part` with a weight or a box, or several of these, which are wanted together.
        unwanted: likewise, what the results should be unlike.
        options: None: the ten nearest.
        encoder: of the collection's model; None: it is opened where the query has an image that must be encoded.

    Raises:
        CollectionError: empty or damaged collection, unknown item, wrong filter; a probability of words, or a score of pictures.
        ModelError: a probability is wanted of a model that was never calibrated; words of one without a text tower.
        MissingExtra: words, where `podoba[text]` is not installed.
        UnreadableImage, SourceError: an image that cannot be read.
        ValueError: what `compose` refuses.
        TypeError: what can be no query.
    """
    started = time.perf_counter()
    options, wanted, refused, store = options or SearchOptions(), as_parts(query), as_parts(unwanted), index.store
    with store.snapshot():
        card = _card_for(store, options, words=has_words([*wanted, *refused]))
        composed = compose(store, wanted, refused, encoder, settings)
        marks = None if options.feedback is None else marked_items(store, wanted, composed.descriptor, settings)
        direction = direction_from(store, options.feedback, composed.descriptor, marks, settings)
        own = NONE if options.with_itself else composed.own
        hidden = own if marks is None else np.union1d(own, marks.wrong)
        size = _first_size(options, composed, marks, settings)
        chances = _chances(index, composed, card, settings)
        while True:
            pool = CandidatePool(index, direction, size + len(hidden), options.where, settings, options.exact)
            candidates = nearest = pool.nearest()
            for step in steps_for(options, pool, composed, hidden, chances):
                candidates = step(candidates)
            if len(nearest) < pool.size or size >= settings.largest_pool or _are_enough(candidates, options, composed, settings):
                break
            size *= 4
        named = store.items.names_and_sizes_of([*candidates.numbers, *composed.own])
        uris = [record_of(store, part).uri for part in wanted if has_place(part)]
    names, itself = ([name for name, _ in part] for part in (named[: len(candidates)], named[len(candidates) :]))
    scores = None if composed.scale is None else composed.scale.scores(candidates.similarities)
    hits, seconds = hits_of(names, candidates.similarities, candidates.probabilities, scores), time.perf_counter() - started
    learned, sizes = None if marks is None else len(marks.verdicts), [size for _, size in named[: len(candidates)]]
    return SearchResult(in_words(wanted, refused), hits, candidates.exact, seconds, uris, learned, itself, sizes)


def _card_for(store: Searchable, options: SearchOptions, *, words: bool) -> Card:
    """The card of the collection's model, which must know probabilities where one is wanted; with words there are none."""
    card = store.models.card
    if card is None or not len(store.items):
        raise empty(store.name)
    if words and options.min_probability is not None:
        raise CollectionError("words have no probability: leave --min-probability out, or ask for a score (--min-score 2)")
    if not words and options.min_score is not None:
        raise CollectionError("pictures alone have no score: leave --min-score out, or ask for a probability (--min-probability)")
    if options.min_probability is not None and card.calibration is None:
        raise ModelError(f"model {card.name!r} was never calibrated, so it knows no probability: leave it out")
    return card


def _chances(index: Vectors, query: ComposedQuery, card: Card, settings: SearchSettings) -> Chances | None:
    """What the chances of the hits depend on beside their similarities, whatever of them is shown; words have none."""
    if card.calibration is None or query.scale is not None:
        return None
    return Chances(card.calibration, Background.of(query.wanted, index.sample(settings.background)))


def _is_scattered(options: SearchOptions, query: ComposedQuery) -> bool:
    """Whether likely items may lie behind the k nearest: of a composed query the chance does not fall with the similarity."""
    return options.min_probability is not None and query.moved


def _first_size(options: SearchOptions, query: ComposedQuery, marks: MarkedItems | None, settings: SearchSettings) -> int:
    """How many candidates to begin with: k where their order and number stay as they come."""
    reordered = options.rerank is not None or options.diversity > 0 or (marks is not None and bool(marks.verdicts))
    return max(settings.pool, 4 * options.k) if reordered or _is_scattered(options, query) else options.k


def _are_enough(candidates: Candidates, options: SearchOptions, query: ComposedQuery, settings: SearchSettings) -> bool:
    """Whether a larger pool would give nothing better."""
    if options.diversity:
        return not may_be_copies(candidates, settings.same)
    return len(candidates) >= options.k or not _is_scattered(options, query)
