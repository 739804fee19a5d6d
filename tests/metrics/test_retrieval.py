from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

from podoba.metrics.retrieval import ranking, retrieval_metrics
from podoba.ranking import exact as neighbours


def unit(rng: np.random.Generator, n: int, dim: int = 8) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def slow(query: NDArray[np.float32], label: int, pool: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, float]:
    """Each metric of one query as its formula says."""
    similarity = pool @ query
    order = sorted(range(len(pool)), key=lambda i: (-similarity[i], i))
    hits = [bool(labels[i] == label) for i in order]
    r = sum(hits)
    precision = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits))]
    return {
        **{f"recall@{k}": float(any(hits[:k])) for k in (1, 5, 10)},
        **{f"precision@{k}": sum(hits[:k]) / k for k in (1, 5, 10)},
        "r_precision": sum(hits[:r]) / r,
        "map@r": sum(p for p, h in zip(precision[:r], hits[:r], strict=True) if h) / r,
        "map": sum(p for p, h in zip(precision, hits, strict=True) if h) / r,
        "mrr": 1 / (hits.index(True) + 1),
    }


@pytest.mark.parametrize("block", [40, 1 << 24])
def test_metrics_equal_a_slow_loop(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_NUMBERS", block)
    rng = np.random.default_rng(0)
    queries, pool = unit(rng, 25), unit(rng, 60)
    asked, labels = rng.integers(0, 5, 25), rng.integers(0, 5, 60)
    result = retrieval_metrics(queries, asked, pool, labels)
    rows = [slow(q, a, pool, labels) for q, a in zip(queries, asked, strict=True)]
    for name, values in result.per_query.items():
        np.testing.assert_allclose(values, [row[name] for row in rows], err_msg=name)


def test_leave_one_out_equals_a_slow_loop() -> None:
    rng = np.random.default_rng(1)
    x, labels = unit(rng, 40), rng.integers(0, 4, 40)
    result = retrieval_metrics(x, labels)
    for i in range(40):
        rest = np.arange(40) != i
        expected = slow(x[i], labels[i], x[rest], labels[rest])
        for name, values in result.per_query.items():
            assert values[i] == pytest.approx(expected[name])


def test_metrics_equal_pytorch_metric_learning() -> None:
    rng = np.random.default_rng(2)
    queries, pool = unit(rng, 50), unit(rng, 200)
    asked, labels = rng.integers(0, 6, 50), rng.integers(0, 6, 200)
    names = ("precision_at_1", "r_precision", "mean_average_precision_at_r", "mean_average_precision", "mean_reciprocal_rank")
    theirs = AccuracyCalculator(include=names, k=200, device=torch.device("cpu")).get_accuracy(queries, asked, pool, labels)
    ours = retrieval_metrics(queries, asked, pool, labels).means()
    for mine, name in zip(("precision@1", "r_precision", "map@r", "map", "mrr"), names, strict=True):
        assert ours[mine] == pytest.approx(theirs[name], abs=1e-5)


def test_queries_with_nothing_to_find_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(3)
    result = retrieval_metrics(unit(rng, 3), ["a", "b", "z"], unit(rng, 4), ["a", "b", "a", "b"])
    assert result.excluded == 1
    assert len(result.per_query["map"]) == 2
    nothing = retrieval_metrics(unit(rng, 2), ["x", "y"], unit(rng, 4), ["a", "b", "a", "b"])
    assert nothing.means()["map"] is None
    assert nothing.intervals() == {}


@settings(max_examples=50)
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40))
def test_ranking_is_a_stable_sort(values: list[float]) -> None:
    row = np.array(values, dtype=np.float32) + 0.0
    assert ranking(row[None])[0].tolist() == np.argsort(-row, kind="stable").tolist()


def test_intervals_are_percentiles_over_the_queries() -> None:
    rng = np.random.default_rng(4)
    result = retrieval_metrics(unit(rng, 200), rng.integers(0, 3, 200))
    low, high = result.intervals()["recall@1"]
    share = result.means()["recall@1"]
    assert share is not None
    assert low < share < high
    assert (high - low) == pytest.approx(2 * 1.96 * np.sqrt(share * (1 - share) / 200), rel=0.25)
    assert result.intervals() == result.intervals()
