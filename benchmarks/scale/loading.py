"""Descriptors into one server of Milvus by `podoba vectors load`, and searches of them: rates, times, recall and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scale.answers import WARM_UP, Answers, answer_figures, ask
from scale.descriptors import Known, write_shards
from scale.figures import Figure
from scale.server import milvus_standalone
from serve import memory


@dataclass(frozen=True)
class Loaded:
    """What loading and searching took.

    Attributes:
        shards: seconds of generating them, and their bytes.
        load: seconds of `podoba vectors load`, with the index.
        writing: seconds of it until the server had acknowledged all.
        again: seconds of the same command when everything is there.
        memory: bytes of the server before it held them, with a small other collection, and after the searches.
        plain, filtered: without and with a filter by a label that lies far from the query.
    """

    shards: int
    load: float
    writing: float
    again: float
    memory: tuple[int, int]
    plain: Answers
    filtered: Answers


def measure(known: Known) -> list[Figure]:
    """Load the shards, ask every query."""
    found = load_and_search(known)
    return [
        Figure(f"descriptors of {known.queries.shape[1]} numbers", known.count),
        Figure("loaded and searchable", found.load, "s"),
        Figure("of which written and acknowledged", found.writing, "s"),
        Figure("load rate, with the index", known.count / found.load, "a second"),
        Figure("the same command again", found.again, "s"),
        Figure("bytes of Parquet an item", found.shards / known.count),
        Figure("memory of the server an item", (found.memory[1] - found.memory[0]) / known.count, "bytes"),
        *answer_figures(found.plain, found.filtered),
    ]


def load_and_search(known: Known) -> Loaded:
    """Start a server, load the shards, ask every query with and without its filter."""
    from podoba.scale.vectors.open import open_vectors

    with milvus_standalone() as (host, process):
        address = f"milvus://{host}/generated"
        warm_up(f"milvus://{host}/first", known.folder.parent / "first")
        empty = memory(process)
        (load, writing), (again, _) = (load_shards(address, known.folder) for _ in range(2))
        with open_vectors(address) as vectors:
            plain = ask(vectors, known, filtered=False)
            filtered = ask(vectors, known, filtered=True)
        held = memory(process)
    size = sum(path.stat().st_size for path in known.folder.glob("*.parquet"))
    return Loaded(size, load, writing, again, (empty, held), plain, filtered)


def warm_up(address: str, folder: Path) -> None:
    """Load and search a little, so that the server has what memory it needs for anything at all."""
    from podoba.scale.vectors.open import open_vectors

    known = write_shards(folder, 2_000, WARM_UP)
    load_shards(address, known.folder)
    with open_vectors(address) as vectors:
        ask(vectors, known, filtered=True)


def load_shards(address: str, folder: Path, *options: str) -> tuple[float, float]:
    """Seconds of `podoba vectors load`, of all of it, and of the part in which it writes, before the index is built.

    Raises:
        RuntimeError: it failed; with what it printed.
    """
    begun = time.perf_counter()
    command = [sys.executable, "-m", "podoba", "vectors", "load", address, str(folder), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return time.perf_counter() - begun, float(json.loads(done.stdout)["seconds"])
