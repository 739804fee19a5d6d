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
from numpy.typing import NDArray

from podoba.arrays import Floats
from scale.cluster import milvus_cluster
from scale.descriptors import Known, recall, write_shards
from scale.figures import Figure

Nearest = Callable[[Floats], NDArray[np.int64]]
"""The numbers of the items nearest to one query (dim,)."""


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
        before, after: seconds of those that were begun before the node was killed, and of the later ones.
        recalls: of each that was answered.
        errors: of those that were not.
    """

    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def measure(folder: Path, settings: Settings) -> list[Figure]:
    """Start a cluster, load descriptors with two replicas, search and kill."""
    known = write_shards(folder / "shards", settings.items, settings.queries)
    begun = time.perf_counter()
    with milvus_cluster() as cluster:
        started = time.perf_counter() - begun
        nearest = load_and_open(cluster.address, known)
        outcome = search(nearest, known, settings, lambda: cluster.processes.kill("query_node_1"))
    for error in outcome.errors[:3]:
        print(error)
    p50, p99 = np.percentile(outcome.before, [50, 99]) * 1000
    after50, after99 = np.percentile(outcome.after, [50, 99]) * 1000
    return [
        Figure("processes of the cluster", 6),
        Figure("its start", started, "s"),
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


def search(nearest: Nearest, known: Known, settings: Settings, kill: Callable[[], None]) -> Outcome:
    """Ask by several threads, and kill in the midst of it."""
    outcome, numbers, lock = Outcome(), itertools.count(), threading.Lock()
    killed = threading.Event()

    def client(_: int) -> None:
        while (number := next(numbers)) < settings.searches:
            if number == settings.killed_after:
                kill()
                killed.set()
            row, late, begun = number % len(known.queries), killed.is_set(), time.perf_counter()
            try:
                found = nearest(known.queries[row])
            except Exception as error:
                with lock:
                    outcome.errors.append(f"search {number}: {type(error).__name__}: {error}")
                continue
            seconds = time.perf_counter() - begun
            with lock:
                (outcome.after if late else outcome.before).append(seconds)
                outcome.recalls.append(recall(found, known.nearest[row]))

    with ThreadPoolExecutor(settings.clients) as pool:
        list(pool.map(client, range(settings.clients)))
    return outcome


def load_and_open(address: str, known: Known) -> Nearest:
    """Load the shards with two replicas, and connect."""
    import pyarrow.parquet as pq
    from pymilvus import DataType, MilvusClient, MilvusException

    client = MilvusClient(uri=f"http://{address}")
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("number", DataType.INT64, is_primary=True)
    schema.add_field("descriptor", DataType.FLOAT_VECTOR, dim=known.queries.shape[1])
    client.create_collection("killed", schema=schema, num_shards=2)
    for path in sorted(known.folder.glob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(1000, columns=["id", "descriptor"]):
            numbers = np.array([int(id_, 16) for id_ in batch["id"].to_pylist()], dtype=np.uint64).view(np.int64)
            rows = batch["descriptor"].to_pylist()
            client.insert("killed", [{"number": int(n), "descriptor": row} for n, row in zip(numbers, rows, strict=True)])
    client.flush("killed")
    index = client.prepare_index_params()
    index.add_index("descriptor", index_type="HNSW", metric_type="IP", params={"M": 32, "efConstruction": 100})
    client.create_index("killed", index)
    client.load_collection("killed", replica_number=2)

    def nearest(query: Floats) -> NDArray[np.int64]:
        asked = {"metric_type": "IP", "params": {"ef": 128}}
        end = time.monotonic() + 120
        while True:
            try:
                found = client.search("killed", [query.tolist()], limit=10, search_params=asked, timeout=10)
            except MilvusException:  # of a node that is away: asked again, of another one
                if time.monotonic() > end:
                    raise
                continue
            return np.array([hit["id"] for hit in found[0]], dtype=np.int64)

    return nearest
