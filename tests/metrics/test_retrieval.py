from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

from podoba.metrics.retrieval import places_of, ranking, retrieval_metrics


def unit(rng: np.random.Generator, n: int, dim: int = 8) -> NDArray[np.float32]:
    x = rng.normal(size=(n, dim)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


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
def test_metrics_equal_a_slow_loop(block: int) -> None:
    rng = np.random.default_rng(0)
    queries, pool = unit(rng, 25), unit(rng, 60)
    query_labels, labels = rng.integers(0, 5, 25), rng.integers(0, 5, 60)
    result = retrieval_metrics(queries, query_labels, pool, labels, numbers_at_once=block)
    rows = [slow(q, a, pool, labels) for q, a in zip(queries, query_labels, strict=True)]
    for name, values in result.per_query.items():
        np.testing.assert_allclose(values, [row[name] for row in rows], err_msg=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(11, 40), st.integers(1, 6), st.integers(2, 4))
def test_metrics_of_copies_equal_a_slow_loop(seed: int, count: int, classes: int, different: int) -> None:
    """Few different descriptors, so that most places in the ranking are ties; exact in any precision, so that ties are ties."""
    rng = np.random.default_rng(seed)
    corners = np.eye(different, dtype=np.float32)
    queries, pool = corners[rng.integers(0, different, 5)], corners[rng.integers(0, different, count)]
    query_labels, labels = rng.integers(0, classes, 5), rng.integers(0, classes, count)
    result = retrieval_metrics(queries, query_labels, pool, labels)
    rows = [slow(q, a, pool, labels) for q, a in zip(queries, query_labels, strict=True) if a in labels]
    assert result.excluded == 5 - len(rows)
    for name, values in result.per_query.items():
        np.testing.assert_allclose(values, [row[name] for row in rows], err_msg=name)


@pytest.mark.parametrize("block", [90, 1 << 24])
def test_leave_one_out_equals_a_slow_loop(block: int) -> None:
    rng = np.random.default_rng(1)
    x, labels = unit(rng, 40), rng.integers(0, 4, 40)
    result = retrieval_metrics(x, labels, numbers_at_once=block)
    for i in range(40):
        rest = np.arange(40) != i
        expected = slow(x[i], labels[i], x[rest], labels[rest])
        for name, values in result.per_query.items():
            assert values[i] == pytest.approx(expected[name])


def test_metrics_equal_pytorch_metric_learning() -> None:
    rng = np.random.default_rng(2)
    queries, pool = unit(rng, 50), unit(rng, 200)
    query_labels, labels = rng.integers(0, 6, 50), rng.integers(0, 6, 200)
    names = ("precision_at_1", "r_precision", "mean_average_precision_at_r", "mean_average_precision", "mean_reciprocal_rank")
    theirs = AccuracyCalculator(include=names, k=200, device=torch.device("cpu")).get_accuracy(
        queries, query_labels, pool, labels
    )
    ours = retrieval_metrics(queries, query_labels, pool, labels).means()
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


@settings(max_examples=50)
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40), st.integers(0, 10**6))
def test_places_are_those_in_the_ranking(values: list[float], seed: int) -> None:
    row = np.array(values, dtype=np.float32) + 0.0
    rows = np.flatnonzero(np.random.default_rng(seed).random(len(row)) < 0.5)
    order = ranking(row).tolist()
    assert places_of(row, rows).tolist() == sorted(order.index(i) for i in rows)


def test_a_gallery_without_labels_is_refused() -> None:
    x = unit(np.random.default_rng(5), 6)
    with pytest.raises(ValueError, match="go together"):
        retrieval_metrics(x, ["a"] * 6, x)


def test_intervals_are_percentiles_over_the_queries() -> None:
    rng = np.random.default_rng(4)
    result = retrieval_metrics(unit(rng, 200), rng.integers(0, 3, 200))
    low, high = result.intervals()["recall@1"]
    share = result.means()["recall@1"]
    assert share is not None
    assert low < share < high
    assert (high - low) == pytest.approx(2 * 1.96 * np.sqrt(share * (1 - share) / 200), rel=0.25)
    assert result.intervals() == result.intervals()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(11, 40), st.integers(1, 12), st.booleans())
def test_no_query_finds_its_own_image(seed: int, count: int, different: int, gallery: bool) -> None:
    rng = np.random.default_rng(seed)
    pool, labels, numbers = unit(rng, count), rng.integers(0, 3, count), rng.integers(0, different, count)
    queries, query_labels, query_numbers = unit(rng, 6), rng.integers(0, 3, 6), rng.integers(0, different, 6)
    if not gallery:
        queries, query_labels, query_numbers = pool, labels, numbers
    given_pool = (pool, labels) if gallery else (None, None)
    result = retrieval_metrics(queries, query_labels, *given_pool, images=(query_numbers, numbers), ks=(1, 5))
    rows = []
    for query, label, number in zip(queries, query_labels, query_numbers, strict=True):
        rest = np.flatnonzero(numbers != number)
        if label in labels[rest]:
            found = slow(query, label, pool[rest], labels[rest])
            rows.append(found | {"precision@5": found["precision@5"] * 5 / min(5, len(rest))})
    assert result.excluded == len(queries) - len(rows)
    for name, values in result.per_query.items():
        np.testing.assert_allclose(values, [row[name] for row in rows], err_msg=name)
