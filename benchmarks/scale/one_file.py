"""The descriptors of `scale.loading` in one file: `podoba import` of the same shards, and the same searches."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from podoba.collection.collection import Collection
from podoba.scale.vectors.schema import id_of
from scale.answers import Answers, answer_figures, ask
from scale.descriptors import Ids, Known
from scale.figures import Figure
from serve import memory


@dataclass(frozen=True)
class Searched:
    """What searching a file took.

    Attributes:
        first: seconds of opening it and of its first search.
        memory: bytes of the process at the end, beyond those before it was opened; pages of the file among them.
        plain, filtered: without and with a filter by a label that lies far from the query.
    """

    first: float
    memory: int
    plain: Answers
    filtered: Answers


def measure(known: Known) -> list[Figure]:
    """Import the shards, and ask every query in a fresh process."""
    file = known.folder.parent / "generated.podoba"
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "podoba", "import", str(file), str(known.folder)], check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - begun
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        found = process.submit(search, file, known).result()
    return [
        Figure("one file: imported and searchable", seconds, "s"),
        Figure("one file: load rate, with the index", known.count / seconds, "a second"),
        Figure("one file: bytes an item, of it and of its cache", size_of(file) / known.count),
        Figure("one file: memory an item of the process that searches", found.memory / known.count, "bytes"),
        Figure("one file: opened, and the first search", found.first, "s"),
        *answer_figures(found.plain, found.filtered, "one file: "),
    ]


def search(file: Path, known: Known) -> Searched:
    """Open a file and ask every query, with and without its filter."""
    before, begun = memory(os.getpid()), time.perf_counter()
    with Collection.open(file) as collection:
        collection.index.nearest(known.queries[0], 1)
        first = time.perf_counter() - begun
        here = replace(
            known,
            nearest=numbers_in(collection, known.nearest),
            under_filter=[numbers_in(collection, one) for one in known.under_filter],
        )
        plain = ask(collection.index, here, filtered=False)
        filtered = ask(collection.index, here, filtered=True)
        return Searched(first, memory(os.getpid()) - before, plain, filtered)


def numbers_in(collection: Collection, numbers: Ids) -> Ids:
    """Numbers of items of the vector database (...) as those of the same items in a file."""
    found = [collection.store.items.number(id_of(int(number))) for number in numbers.ravel()]
    return np.array(found, dtype=np.int64).reshape(numbers.shape)


def size_of(file: Path) -> int:
    """Bytes of a collection's file and of what is cached beside it."""
    paths = (path for one in file.parent.glob(f"{file.name}*") for path in (one, *one.rglob("*")))
    return sum(path.stat().st_size for path in paths if path.is_file())
