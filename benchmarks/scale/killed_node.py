"""Searches of a cluster of Milvus while one of its query nodes is killed: what they find, and how long they wait."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from podoba.collection.vectors import Vectors
from scale.answers import WARM_UP
from scale.cluster import milvus_cluster
from scale.descriptors import Known, recall, write_shards
from scale.figures import Figure
from scale.loading import load_shards
from search import K


@dataclass(frozen=True)
class Settings:
    """How the cluster is asked.

    Attributes:
        items: descriptors that it holds.
        queries: other ones, each of which is asked several times.
        searches: in all.
        clients: threads that ask at a time.
        killed_after: searches, after which the node is killed.
    """

    items: int = 20_000
    queries: int = 200
    searches: int = 2_000
    clients: int = 4
    killed_after: int = 500


@dataclass
class Outcome:
    """What became of the searches.

    Attributes:
        before, after: seconds of those that ended before the node was killed, and of the later ones.
        recalls: of each that was answered.
        errors: of those that were not.
    """

    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def measure(folder: Path, settings: Settings) -> list[Figure]:
    """Start a cluster, load descriptors with two replicas, search and kill."""
    from podoba.scale.vectors.open import open_vectors

    known = write_shards(folder / "shards", settings.items, settings.queries)
    begun = time.perf_counter()
    with milvus_cluster() as cluster:
        started = time.perf_counter() - begun
        address = f"milvus://{cluster.address}/generated"
        loaded, _ = load_shards(address, known.folder, "--replicas", "2", "--shards", "2")
        with open_vectors(address) as vectors:
            outcome = search(vectors, known, settings, lambda: cluster.processes.kill("query_node_1"))
    for error in outcome.errors[:3]:
        print(error)
    p50, p99 = np.percentile(outcome.before[WARM_UP:], [50, 99]) * 1000
    after50, after99 = np.percentile(outcome.after, [50, 99]) * 1000
    return [
        Figure("processes of the cluster", 6),
        Figure("its start", started, "s"),
        Figure("podoba vectors load --replicas 2 --shards 2", loaded, "s"),
        Figure(f"searches of {settings.items:,} items by {settings.clients} clients at a time", settings.searches, "", 1_000),
        Figure("errors, with a query node killed", len(outcome.errors), "", None, 0),
        Figure("recall@10 against exact, mean", float(np.mean(outcome.recalls)), "", 0.99),
        Figure("recall@10 of the worst search", min(outcome.recalls)),
        Figure("p50 before", p50, "ms"),
        Figure("p99 before", p99, "ms"),
        Figure("p50 after", after50, "ms"),
        Figure("p99 after", after99, "ms"),
        Figure("longest wait after", max(outcome.after), "s"),
        Figure("searches that waited more than a second", sum(seconds > 1 for seconds in outcome.after)),
    ]


def search(vectors: Vectors, known: Known, settings: Settings, kill: Callable[[], None]) -> Outcome:
    """Ask by several threads, and kill in the midst of it."""
    outcome, numbers, lock = Outcome(), itertools.count(), threading.Lock()
    killed = threading.Event()

    def client(_: int) -> None:
        while (number := next(numbers)) < settings.searches:
            if number == settings.killed_after:
                kill()
                killed.set()
            row, begun = number % len(known.queries), time.perf_counter()
            try:
                found = vectors.nearest(known.queries[row], K).numbers.ravel()
            except Exception as error:
                with lock:
                    outcome.errors.append(f"search {number}: {type(error).__name__}: {error}")
                continue
            seconds = time.perf_counter() - begun
            with lock:
                (outcome.after if killed.is_set() else outcome.before).append(seconds)
                outcome.recalls.append(recall(found, known.nearest[row]))

    with ThreadPoolExecutor(settings.clients) as pool:
        list(pool.map(client, range(settings.clients)))
    return outcome
