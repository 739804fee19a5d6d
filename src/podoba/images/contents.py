"""Which images are one and the same, by their bytes: noted while they are read, so that no file is read twice for it."""

import hashlib
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from podoba.arrays import Indices
from podoba.images.record import ImageRecord

Contents = dict[str, str]
"""The SHA-256 of an image's bytes, in hexadecimal digits, by the id of its record."""


@dataclass(frozen=True)
class Known:
    """Images that were read.

    Attributes:
        ids: of their records.
        contents: SHA-256 of the bytes of each.
    """

    ids: Sequence[str]
    contents: Sequence[str]


@dataclass(frozen=True)
class Shared:
    """How many images are also among others.

    Attributes:
        images: in either way.
        by_id: by the id of their record: one file, or one row of a table.
        by_bytes: by equal bytes, which copies have too.
    """

    images: int
    by_id: int
    by_bytes: int


def noting_contents(records: Iterable[ImageRecord], contents: Contents) -> Iterator[ImageRecord]:
    """The same records; whatever is read by them is noted in `contents`, also from several threads."""
    for record in records:
        yield replace(record, open=partial(_read, record, contents))


def image_numbers(*contents: Sequence[str]) -> list[Indices]:
    """Contents as numbers from 0, int64, a row for each sequence: equal numbers are equal bytes."""
    _, numbers = np.unique(np.concatenate([np.asarray(part, dtype=np.str_) for part in contents]), return_inverse=True)
    return np.split(numbers.astype(np.int64), np.cumsum([len(part) for part in contents])[:-1])


def count_shared(images: Known, others: Known) -> Shared:
    """How many of some images are among others."""
    ids, contents = set(others.ids), set(others.contents)
    by_id, by_bytes = [one in ids for one in images.ids], [one in contents for one in images.contents]
    return Shared(sum(map(operator.or_, by_id, by_bytes)), sum(by_id), sum(by_bytes))


def count_copies(contents: Sequence[str]) -> int:
    """How many images of a sequence have a copy in it."""
    return sum(times for times in Counter(contents).values() if times > 1)


def _read(record: ImageRecord, contents: Contents) -> bytes:
    data = record.open()
    contents[record.id] = hashlib.sha256(data).hexdigest()
    return data
