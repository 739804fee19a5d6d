from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from podoba.metrics.evaluation import evaluate

KEYS = {
    "queries", "gallery", "dim", "knn_score", "recall@1", "recall@10", "precision@10", "r_precision", "map@r", "map", "mrr",
    "intervals", "most_confused",
}  # fmt: skip


def unit(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, 16)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def test_all_keys_are_there_and_the_score_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    queries, pool = unit(rng, 30), unit(rng, 90)
    query_labels, labels = [str(i) for i in rng.integers(0, 3, 30)], [str(i) for i in rng.integers(0, 3, 90)]
    values = evaluate(queries, query_labels, pool, labels).to_json()
    assert values.keys() >= KEYS
    assert json.loads(json.dumps(values)) == values
    assert values["knn_score"] == KNeighborsClassifier(5).fit(pool, labels).score(queries, query_labels)
    low, high = values["intervals"]["knn_score"]
    assert low <= values["knn_score"] <= high


def test_leave_one_out_needs_no_gallery() -> None:
    rng = np.random.default_rng(1)
    result = evaluate(unit(rng, 20), ["a", "b"] * 10)
    assert (result.queries, result.gallery) == (20, 20)
    assert all(row not in near for row, near in enumerate(result.neighbours.indices))


@pytest.mark.parametrize("labels", [[None] * 20, [None, "a"] * 10])
def test_without_labels_numbers_are_null_not_zero(labels: list[str | None]) -> None:
    result = evaluate(unit(np.random.default_rng(2), 20), labels).to_json()
    assert (result["knn_score"] is None) == (labels[1] is None)
    assert (result["map"] is None) == (labels[1] is None)
    if labels[1] is None:
        assert result["intervals"] == {}
        assert result["most_confused"] == []


def test_images_without_a_label_are_neighbours_but_count_in_no_score() -> None:
    rng = np.random.default_rng(3)
    x, pool = unit(rng, 20), unit(rng, 40)
    labels, pool_labels = [["a", "b", None][i % 3] for i in range(20)], [["a", None, "b", "c"][i % 4] for i in range(40)]
    result = evaluate(x, labels, pool, pool_labels)
    kept, pool_kept = [i for i in range(20) if labels[i]], [i for i in range(40) if pool_labels[i]]
    alone = evaluate(x[kept], [labels[i] for i in kept], pool[pool_kept], [pool_labels[i] for i in pool_kept])
    assert (result.queries, result.gallery, result.neighbours.indices.shape) == (20, 40, (20, 10))
    assert (result.knn_score, result.metrics, result.intervals) == (alone.knn_score, alone.metrics, alone.intervals)
    np.testing.assert_array_equal(result.confusion, alone.confusion)
    assert any(pool_labels[row] is None for row in result.neighbours.indices.ravel())


def test_one_labelled_image_alone_has_no_score() -> None:
    result = evaluate(unit(np.random.default_rng(4), 5), ["a", None, None, None, None])
    assert result.knn_score is None
    assert result.classes == []


def test_a_gallery_without_labels_is_refused() -> None:
    x = unit(np.random.default_rng(5), 5)
    with pytest.raises(ValueError, match="go together"):
        evaluate(x, ["a"] * 5, x)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(2, 8))
def test_the_own_image_of_a_query_is_in_none_of_its_scores(seed: int, count: int, different: int) -> None:
    """As if each query were scored by itself, on the gallery without its own image."""
    rng = np.random.default_rng(seed)
    pool, labels, numbers = unit(rng, count), [str(i) for i in rng.integers(0, 3, count)], rng.integers(0, different, count)
    queries, query_labels, own = unit(rng, 7), [str(i) for i in rng.integers(0, 3, 7)], rng.integers(0, different, 7)
    assume(any(number != one for number in numbers for one in own))
    result = evaluate(queries, query_labels, pool, labels, images=(own, numbers))
    right = []
    for row in range(7):
        rest = np.flatnonzero(numbers != own[row])
        found = result.neighbours.indices[row][result.neighbours.indices[row] >= 0]
        if not len(rest):
            assert found.tolist() == []
            continue
        alone = evaluate(queries[row : row + 1], query_labels[row : row + 1], pool[rest], [labels[i] for i in rest])
        assert found.tolist() == rest[alone.neighbours.indices[0]].tolist()
        right.append(alone.knn_score)
    assert result.knn_score == pytest.approx(np.mean(np.array(right, dtype=np.float64)))


def test_images_among_themselves_score_as_without_themselves() -> None:
    rng = np.random.default_rng(6)
    x, labels, rows = unit(rng, 30), [str(i % 3) for i in range(30)], np.arange(30)
    assert evaluate(x, labels, x, labels, images=(rows, rows)).to_json() == evaluate(x, labels).to_json()
    assert evaluate(x, labels, x, labels).metrics["recall@1"] == 1.0  # what the numbers are for


def test_a_gallery_of_the_query_alone_has_nothing_to_find() -> None:
    x, zero = unit(np.random.default_rng(7), 1), np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="none but the queries themselves"):
        evaluate(x, ["a"], x, ["a"], images=(zero, zero))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["queries", "gallery"])
def test_descriptors_that_are_no_numbers_are_counted(wrong: float, where: str) -> None:
    rng = np.random.default_rng(8)
    given_ = {"queries": unit(rng, 4), "gallery": unit(rng, 6)}
    given_[where][1:3, 5] = wrong
    with pytest.raises(ValueError, match=rf"2 of the \d descriptors of the {where} are not finite"):
        evaluate(given_["queries"], ["a"] * 4, given_["gallery"], ["a"] * 6)
