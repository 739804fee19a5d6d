"""Relevance feedback: what a person found right or wrong is kept, and searched with."""

from collections.abc import Collection as Group
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.search.query import Part, Query, as_parts, compose, has_place, has_words, key_of, record_of
from podoba.collection.search.settings import DEFAULT, SearchSettings
from podoba.collection.search.words import is_words
from podoba.collection.storage.marks import QueryRecord
from podoba.collection.vectors import Searchable
from podoba.errors import CollectionError
from podoba.models.encoder import Encoder
from podoba.ranking.relevance_feedback import METHODS


def mark(store: Searchable, query: Query | Part, right: Group[str], wrong: Group[str], encoder: Encoder | None = None) -> None:
    """Keep that items are right or wrong as answers to a query; a later mark of an item replaces an earlier one.

    Args:
        query: one image, item or descriptor, as in `search`.
        right, wrong: ids.
        encoder: of the collection's model; None: it is opened where an image must be encoded.

    Raises:
        CollectionError: an unknown item, one that is marked both ways or is the query itself; nothing is kept.
        UnreadableImage, SourceError: a query that cannot be read.
    """
    part = _one(query)
    both = set(right) & set(wrong)
    if both:
        raise CollectionError(f"{min(both)} is marked both right and wrong: decide for one")
    with store.writing():
        numbers = {store.items.number(id_): good for ids, good in ((right, True), (wrong, False)) for id_ in ids}
        composed = compose(store, [part], [], encoder)
        if set(composed.own.tolist()) & set(numbers):
            raise CollectionError(f"{part} is the query itself, which is no answer to it: mark others")
        record = QueryRecord(key_of(store, part), _name(store, part), composed.descriptor, store.models.fingerprint or "")
        store.marks.put(record, numbers)


def forget(store: Searchable, query: Query | Part | None = None, ids: Group[str] = ()) -> int:
    """Forget marks: of these items of a query, of a query, or all. Returns how many there were; errors as in `mark`."""
    if query is None:
        if ids:
            raise ValueError("the items' marks are those of a query: name it")
        return store.marks.remove()
    with store.writing():
        return store.marks.remove(key_of(store, _one(query)), [store.items.number(id_) for id_ in ids])


@dataclass(frozen=True)
class MarkedItems:
    """What was marked of a query.

    Attributes:
        verdicts: numbers of items, and whether they are right: of the query itself, and of queries near it.
        wrong: int64 (n,), numbers of those that are wrong for the query itself, which are no hits.
    """

    verdicts: dict[int, bool]
    wrong: Indices


def marked_items(store: Searchable, wanted: Sequence[Part], query: Floats, settings: SearchSettings = DEFAULT) -> MarkedItems:
    """What was marked of the wanted images of a query (dim,), and of queries so near it that they want the same.

    How near words are to each other or to pictures says nothing of that: their marks serve the same words alone.
    """
    own = store.marks.verdicts([key_of(store, part) for part in wanted])
    near = [
        record.key
        for record in ([] if has_words(wanted) else store.marks.queries())
        if record.fingerprint == store.models.fingerprint
        and not is_words(record.key)
        and _is_near(store, float(record.descriptor @ query), settings)
    ]
    wrong = np.array(sorted(number for number, right in own.items() if not right), dtype=np.int64)
    return MarkedItems(store.marks.verdicts(near) | own, wrong)


def direction_from(
    store: Searchable, method: str | None, query: Floats, marks: MarkedItems | None, settings: SearchSettings = DEFAULT
) -> Floats:
    """The direction (dim,), unit length, in which the collection is ranked after marks on the results of a query (dim,).

    Args:
        method: a name of `relevance_feedback.METHODS`.

    Returns:
        the query itself where nothing was marked, or no method was chosen.
    """
    if method is None or marks is None or not marks.verdicts:
        return query
    right, wrong = (
        store.descriptors.of_numbers(np.array([n for n, good in marks.verdicts.items() if good is wanted], dtype=np.int64))
        for wanted in (True, False)
    )
    return METHODS[method](query, right, wrong, store.descriptors.sample(settings.negatives, without=[*marks.verdicts]))


def _is_near(store: Searchable, similarity: float, settings: SearchSettings) -> bool:
    card = store.models.card
    chance = None if card is None else card.probability(similarity)
    return similarity >= settings.near_similarity if chance is None else float(chance) >= settings.near_chance


def _one(query: Query | Part) -> Part:
    part = as_parts(query)
    if len(part) != 1:
        raise ValueError("marks belong to one query: name one image, item or descriptor")
    return part[0]


def _name(store: Searchable, part: Part) -> str:
    """The query in words that still say something when its item was removed."""
    if not has_place(part):
        return str(part)
    return str(Part(record_of(store, part).uri, None, part.box))
