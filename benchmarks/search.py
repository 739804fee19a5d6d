"""Nearest neighbours by podoba, and by the libraries and databases that people use for them, on this machine.

Descriptors are clustered but overlap, so that finding most of the ten nearest is not trivial; the queries are not among them. Or
real ones are given as a file. Every engine builds in one process and is asked in fresh ones, with one thread and with all:

    python benchmarks/search.py --small
    python benchmarks/search.py --count 1000000 --json search.json
    python benchmarks/search.py --descriptors tiny-imagenet.npy --json real.json
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from machine import core_count, describe_machine, peers_python

HERE = Path(__file__).resolve().parent
OURS = ("podoba", "podoba-exact")
PEERS = (
    "faiss-hnsw",
    "faiss-hnsw-8bit",
    "faiss-ivf",
    "faiss-flat",
    "hnswlib",
    "usearch",
    "usearch-half",
    "lancedb",
    "sqlite-vec",
)
K = 10
CLUSTERS, LATENT, NOISE = 1000, 48, 0.1
SHARES = {"50%": 5000, "5%": 500, "0.5%": 50, "0.01%": 1}  # bucket < n of 10,000
Floats = NDArray[np.float32]


def main() -> None:
    """Make or read the descriptors, run every engine, print tables, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, action="append", help="items; default: 200,000 and 1,000,000")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--descriptors", type=Path, metavar="FILE.npy", help="real ones (n, dim); 1,000 of them become queries")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--engine", action="append", choices=[*OURS, *PEERS], help="default: all")
    parser.add_argument("--threads", type=int, action="append", help="default: 1 and all cores")
    parser.add_argument("--small", action="store_true", help="20,000 items, 200 queries: to see that everything works")
    parser.add_argument("--folder", type=Path, help="where descriptors and indexes are kept; default: a temporary one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.count, arguments.queries = [20_000], 200
    threads = arguments.threads or sorted({1, core_count()})
    engines = arguments.engine or [*OURS, *PEERS]
    bandwidth = {str(count): read_bandwidth(count) for count in threads}
    machine = describe_machine() | {"read_gb_per_second": bandwidth}
    result: dict[str, Any] = {"machine": machine, "data": str(arguments.descriptors or "generated"), "rounds": []}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for count in [None] if arguments.descriptors else arguments.count or [200_000, 1_000_000]:
            data = Path(folder) / f"data-{count}"
            items = prepare(data, arguments.descriptors, count, arguments.dim, arguments.queries)
            result["rounds"].append({"items": items, "dim": arguments.dim, "engines": {}})
            for engine in engines:
                place = Path(folder) / f"{engine}-{count}"
                result["rounds"][-1]["engines"][engine] = run_engine(engine, data, place, threads)
                shutil.rmtree(place, ignore_errors=True)
                if arguments.json is not None:  # after each engine: all of them take hours
                    arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
            print(tables(result["rounds"][-1], threads, bandwidth), flush=True)
            shutil.rmtree(data)


def generate(count: int, dim: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Unit descriptors (count, dim) of overlapping clusters of unequal size and shape, and the cluster of each."""
    world = np.random.default_rng(7)
    latent = min(LATENT, dim)
    centres = 0.8 * world.standard_normal((CLUSTERS, latent)).astype(np.float32)
    spread = (1 + 0.3 * world.standard_normal((CLUSTERS, latent))).astype(np.float32)
    into = np.linalg.qr(world.standard_normal((dim, latent)))[0].T.astype(np.float32)
    weights = 1 / np.sqrt(np.arange(1, CLUSTERS + 1))
    rng = np.random.default_rng(seed)
    found = np.empty((count, dim), dtype=np.float32)
    labels = rng.choice(CLUSTERS, count, p=weights / weights.sum())
    for start in range(0, count, 100_000):
        some = labels[start : start + 100_000]
        points = centres[some] + spread[some] * rng.standard_normal((len(some), latent), dtype=np.float32)
        part = points @ into + np.float32(NOISE) * rng.standard_normal((len(some), dim), dtype=np.float32)
        found[start : start + len(some)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return found, labels


def prepare(data: Path, real: Path | None, count: int | None, dim: int, queries: int) -> int:
    """Write descriptors, queries, what is truly nearest, and the filters with what is truly nearest under them."""
    data.mkdir(parents=True)
    if real is not None:
        found = np.load(real).astype(np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        order = np.random.default_rng(0).permutation(len(found))
        base, asked = found[order[queries:]], found[order[:queries]]
        seeds = base[np.random.default_rng(1).choice(len(base), min(len(base), 200), replace=False)]
        labels = np.concatenate([(part @ seeds.T).argmax(axis=1) for part in np.array_split(base, max(1, len(base) // 50_000))])
    else:
        base, labels = generate(count or 0, dim, 1)
        asked = generate(queries, dim, 2)[0]
    buckets = np.random.default_rng(3).permutation(len(base)) % 10_000
    truth = nearest(asked, base)
    for name, array in {"base": base, "queries": asked, "truth": truth, "buckets": buckets, "labels": labels}.items():
        np.save(data / f"{name}.npy", array)
    (data / "filters.json").write_text(json.dumps(filter_cases(base, asked[:50], buckets, labels)))
    return len(base)


def filter_cases(base: Floats, asked: Floats, buckets: NDArray[np.int64], labels: NDArray[np.int64]) -> dict[str, list[Any]]:
    """By name: queries, what each is filtered by, and the rows truly nearest under that."""
    cases: dict[str, list[Any]] = {}
    for name, value in SHARES.items():
        rows = np.flatnonzero(buckets < value)
        cases[name] = [_case(base, asked, i, "bucket", value, rows) for i in range(len(asked))]
    centres = np.stack([base[labels == label].mean(axis=0) for label in np.unique(labels)])
    far = np.unique(labels)[(asked @ centres.T).argmin(axis=1)]  # the label that lies furthest from each query
    cases["label far from the query"] = [
        _case(base, asked, i, "label", int(far[i]), np.flatnonzero(labels == far[i])) for i in range(len(asked))
    ]
    return cases


def _case(base: Floats, asked: Floats, query: int, column: str, value: int, rows: NDArray[np.int64]) -> dict[str, Any]:
    order = np.argsort(-(base[rows] @ asked[query]), kind="stable")[:K]
    return {"query": query, "column": column, "value": value, "truth": rows[order].tolist()}


def nearest(queries: Floats, base: Floats) -> NDArray[np.int64]:
    """Rows (Q, K) truly nearest, nearest first."""
    best = np.full((len(queries), K), -np.inf, dtype=np.float32)
    rows = np.zeros((len(queries), K), dtype=np.int64)
    for start in range(0, len(base), 50_000):
        products = queries @ base[start : start + 50_000].T
        top = np.argpartition(-products, min(K, products.shape[1] - 1), axis=1)[:, :K]
        best = np.concatenate([best, np.take_along_axis(products, top, axis=1)], axis=1)
        rows = np.concatenate([rows, top + start], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :K]
        best, rows = np.take_along_axis(best, order, axis=1), np.take_along_axis(rows, order, axis=1)
    return rows


def run_engine(engine: str, data: Path, place: Path, threads: list[int]) -> dict[str, Any]:
    """The figures of one engine: its build with all cores, then its queries with each number of threads."""
    ours = engine in OURS
    script = HERE / "podoba_search.py" if ours else HERE / "peers" / "vector_engines.py"
    python = sys.executable if ours else str(peers_python("search"))
    figures = _run([python, str(script), engine, "build", str(data), str(place)], core_count())
    print(f"{engine}: built in {figures.get('build', float('nan')):.1f} s", file=sys.stderr, flush=True)
    if "error" in figures:
        return figures
    for count in threads:
        command = [python, str(script), engine, "query", str(data), str(place), "--threads", str(count)]
        figures[f"threads {count}"] = _run(command, count)
    return figures


def _run(command: list[str], threads: int) -> dict[str, Any]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "LANCE_CPU_THREADS")
    done = subprocess.run(command, env=os.environ | dict.fromkeys(names, str(threads)), capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr[-2000:]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def read_bandwidth(threads: int, size: int = 1 << 30) -> float:
    """GB/s at which threads read memory together: the best of summing a large array in parts."""
    parts = np.array_split(np.ones(size // 8, dtype=np.int64), threads)
    best = np.inf
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(5):
            started = time.perf_counter()
            list(pool.map(np.sum, parts))
            best = min(best, time.perf_counter() - started)
    return size / best / 1e9


def tables(found: dict[str, Any], threads: list[int], bandwidth: dict[str, float]) -> str:
    """One table of speed for each number of threads, and one of filters."""
    lines = [f"\n## {found['items']:,} x {found['dim']}"]
    for count in threads:
        lines += [
            f"\n{count} threads, reading memory at {bandwidth[str(count)]:.1f} GB/s:\n",
            "| engine | build s | open s | memory MB | disk MB | recall@10 0.95: ms | p99 | per s | 0.99: ms | p99 | per s |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for name, figures in found["engines"].items():
            row = figures.get(f"threads {count}", figures)
            if "error" in row:
                lines.append(f"| {name} | failed: {row['error'].splitlines()[-1][:80] if row['error'] else ''} |")
                continue
            cells = [
                f"{figures['build']:.0f}",
                f"{row['open']:.3f}",
                f"{row['memory'] / 1e6:.0f}",
                f"{figures['disk'] / 1e6:.0f}",
            ]
            for level in row["levels"].values():
                point = [level["median_ms"], level["p99_ms"]] if level else []
                cells += [f"{value:.3f}" for value in point] + [f"{level['per_second']:.0f}"] if level else ["-", "-", "-"]
            lines.append(f"| {name} | {' | '.join(cells)} |")
            if name == "podoba-exact" and row["levels"]["0.99"]:
                read = 4 * found["items"] * found["dim"] / row["levels"]["0.99"]["median_ms"] / 1e6
                lines[-1] += f" reads {read:.1f} GB/s, {read / bandwidth[str(count)]:.0%} of the memory's"
    first: dict[str, Any] = next(
        (figures[f"threads {threads[0]}"] for figures in found["engines"].values() if f"threads {threads[0]}" in figures), {}
    )
    names = list(first.get("filters", {}))
    lines += [
        "\nFilters: recall@10, and median ms (the first time):\n",
        f"| engine | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for name, figures in found["engines"].items():
        row = figures.get(f"threads {threads[0]}", {"error": ""})
        if "error" not in row:
            cells = [
                f"{v['recall']:.3f}, {v['median_ms']:.2f} ({v['first_ms']:.0f})" if v else "cannot"
                for v in row["filters"].values()
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
