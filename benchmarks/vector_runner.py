"""One engine of nearest neighbours, measured: built in one process, opened and asked in another.

Needs NumPy only, so that it runs in podoba's environment and in that of the peers.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from machine import peak_memory

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
K = 10
LEVELS = (0.95, 0.99)
ROUNDING = 1e-6


class Engine(Protocol):
    """What every engine can do. Rows are numbered from 0; a condition is ("bucket", n): bucket < n, or ("label", n): label = n.

    Attributes:
        widths: settings of a search from fast to thorough; one where there is nothing to set.
        asked: queries that a slow engine is asked at most.
    """

    widths: Sequence[int]
    asked: int

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        """Make what is searched, in a folder; more figures than the time it took may be given back."""

    def open(self, folder: Path, threads: int) -> None:
        """Open it."""

    def search(self, queries: Floats, width: int) -> Ids:
        """Rows (Q, K) near the queries (Q, dim); -1 where fewer were found."""

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        """Rows (k <= K,) near one query (1, dim) that a condition lets through; None where it cannot be asked."""


def main(engines: dict[str, type[Any]]) -> None:
    """`build` or `query` one engine, as benchmarks/search.py calls it, and print the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=list(engines))
    parser.add_argument("step", choices=["build", "query"])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--asked", type=int, default=1000, help="queries of which each is timed alone")
    arguments = parser.parse_args()
    engine: Engine = engines[arguments.engine]()
    if arguments.step == "build":
        figures = measure_build(engine, arguments.data, arguments.folder)
    else:
        figures = measure_queries(engine, arguments.data, arguments.folder, arguments.threads, arguments.asked)
    print(json.dumps(figures))


def measure_build(engine: Engine, data: Path, folder: Path) -> dict[str, Any]:
    """Time, peak memory and disk of a build."""
    base, buckets, labels = (np.load(data / f"{name}.npy") for name in ("base", "buckets", "labels"))
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    more = engine.build(base, buckets, labels, folder)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"build": seconds, **more, "disk": size, "build_memory": peak_memory()}


def measure_queries(engine: Engine, data: Path, folder: Path, threads: int, asked: int) -> dict[str, Any]:
    """Opening, latency and throughput at each level of recall, and filters."""
    queries, truth = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    base = np.load(data / "base.npy", mmap_mode="r")
    queries, truth = queries[: engine.asked], truth[: engine.asked]
    before = _memory()
    started = time.perf_counter()
    engine.open(folder, threads)
    opened = time.perf_counter() - started
    started = time.perf_counter()
    engine.search(queries[:1], engine.widths[0])
    first = time.perf_counter() - started
    curve: list[dict[str, Any]] = []
    for width in engine.widths:
        found = engine.search(queries, width)
        recall = float(np.mean([_recall(base, query, rows, row) for query, rows, row in zip(queries, found, truth, strict=True)]))
        curve.append({"width": width, "recall": recall, **_speed(engine, queries, width, asked)})
        if recall >= max(LEVELS) + 0.002:
            break
    memory = _memory() - before
    levels = {str(level): next((point for point in curve if point["recall"] >= level), None) for level in LEVELS}
    filters = _filters(engine, data, base, queries, curve[-1]["width"])
    return {
        "open": opened, "first": first, "memory": memory, "peak": peak_memory(), "curve": curve, "levels": levels,
        "filters": filters, "threads": threads,
    }  # fmt: skip


def _speed(engine: Engine, queries: Floats, width: int, asked: int) -> dict[str, float]:
    """Milliseconds of single queries, and queries a second when many are given at once."""
    times = []
    for row in range(min(asked, len(queries))):
        query = queries[row : row + 1]
        started = time.perf_counter()
        engine.search(query, width)
        times.append(time.perf_counter() - started)
        if sum(times) > 20:  # an exact engine need not be asked a thousand times
            break
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        engine.search(queries, width)
        rounds.append(time.perf_counter() - started)
        if rounds[-1] > 10:
            break
    return {
        "median_ms": float(np.median(times)) * 1e3,
        "p99_ms": float(np.quantile(times, 0.99)) * 1e3,
        "per_second": len(queries) / min(rounds),
    }


def _filters(engine: Engine, data: Path, base: Floats, queries: Floats, width: int) -> dict[str, Any]:
    """Recall and time under each filter; None where the engine cannot ask it."""
    found: dict[str, Any] = {}
    for name, cases in json.loads((data / "filters.json").read_text()).items():
        recalls, times = [], []
        for case in cases[: engine.asked]:
            query = queries[case["query"] : case["query"] + 1]
            started = time.perf_counter()
            rows = engine.search_where(query, (case["column"], case["value"]), width)
            times.append(time.perf_counter() - started)
            if rows is None:
                break
            recalls.append(_recall(base, query[0], rows, np.array(case["truth"])))
        found[name] = (
            None
            if not recalls
            else {"recall": float(np.mean(recalls)), "first_ms": times[0] * 1e3, "median_ms": float(np.median(times)) * 1e3}
        )
    return found


def _recall(base: Floats, query: Floats, found: Ids, truth: Ids) -> float:
    """The share of the truly nearest that was found; an equally near one is as good."""
    if not len(truth):
        return float(not len(found[found >= 0]))
    bound = float((base[truth].astype(np.float64) @ query).min()) - ROUNDING
    rows = np.unique(found[found >= 0])
    right = int(np.count_nonzero(base[rows].astype(np.float64) @ query >= bound)) if len(rows) else 0
    return min(right, len(truth)) / len(truth)


def _memory() -> int:
    """Bytes of memory that the process has now, with mapped files that it touched."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else peak_memory()
