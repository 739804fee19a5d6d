from __future__ import annotations

import json

import numpy as np
import pytest
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
