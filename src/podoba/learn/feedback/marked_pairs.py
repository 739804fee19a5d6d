"""The marks of a collection as what can be learned from: a query, what is right for it, what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats
from podoba.collection.collection import Collection
from podoba.collection.search.query import Part, compose, key_of
from podoba.collection.search.words import is_words
from podoba.collection.storage.marks import QueryRecord
from podoba.errors import PodobaError, TrainingError

LEAST_QUERIES = 8  # with something right and something wrong: fewer cannot be held out and learned from
LEAST_MARKS = 40


@dataclass(frozen=True)
class MarkedQuery:
    """A query and its answers, by the collection's model.

    Attributes:
        query: float32 (D,), unit length; None where its image is gone and was never described by this model.
        right, wrong: float32 (r, D) and (w, D), unit length.
    """

    query: Floats | None
    right: Floats
    wrong: Floats

    @property
    def anchors(self) -> Floats:
        """float32 (n, D): all that is of the query's kind, the query first."""
        return self.right if self.query is None else np.concatenate([self.query[None], self.right])


def marked_queries(collection: Collection) -> list[MarkedQuery]:
    """The queries of which something is right and something is wrong.

    Raises:
        TrainingError: too few of them to learn from.
        CollectionError: damage.
    """
    found = list(_read(collection))
    marks = sum(len(one.right) + len(one.wrong) for one in found)
    if len(found) < LEAST_QUERIES or marks < LEAST_MARKS:
        raise TrainingError(
            f"{collection.path}: too few marks to learn from: {marks} of {len(found)} queries with right and wrong results, and "
            f"{LEAST_MARKS} of {LEAST_QUERIES} are needed: mark more (`podoba mark`)"
        )
    return found


def _read(collection: Collection) -> Iterator[MarkedQuery]:
    with collection.store.snapshot():
        for record in collection.store.marks.queries():
            verdicts = collection.store.marks.verdicts([record.key])
            right, wrong = (
                collection.store.descriptors.of_numbers(
                    np.array([n for n, good in verdicts.items() if good is kind], dtype=np.int64)
                )
                for kind in (True, False)
            )
            if len(wrong) and len(right):
                yield MarkedQuery(_describe(collection, record), right, wrong)


def _describe(collection: Collection, record: QueryRecord) -> Floats | None:
    """The descriptor of a query by the collection's present model; words have none among those of pictures."""
    if is_words(record.key):
        return None
    if record.fingerprint == collection.store.models.fingerprint:
        return record.descriptor
    numbers = collection.store.marks.numbers_of(record.key)
    if numbers:
        known: Floats = collection.store.descriptors.of_numbers(np.array(numbers[:1]))[0]
        return known
    try:
        part = Part(record.name)
        if key_of(collection.store, part) != record.key:  # another image by now, or only a box of it was meant
            return None
        return compose(collection.store, [part], [], None).descriptor
    except PodobaError:
        return None
