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
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_all_keys_are_there_and_the_score_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    queries, pool = unit(rng, 30), unit(rng, 90)
    asked, labels = [str(i) for i in rng.integers(0, 3, 30)], [str(i) for i in rng.integers(0, 3, 90)]
    values = evaluate(queries, asked, pool, labels).to_json()
    assert values.keys() >= KEYS
    assert json.loads(json.dumps(values)) == values
    assert values["knn_score"] == KNeighborsClassifier(5).fit(pool, labels).score(queries, asked)
    low, high = values["intervals"]["knn_score"]
    assert low <= values["knn_score"] <= high


def test_leave_one_out_needs_no_gallery() -> None:
    rng = np.random.default_rng(1)
    result = evaluate(unit(rng, 20), ["a", "b"] * 10)
    assert (result.queries, result.gallery) == (20, 20)
    assert all(row not in found for row, found in enumerate(result.neighbours.indices))


@pytest.mark.parametrize("labels", [[None] * 20, [None, "a"] * 10])
def test_without_labels_numbers_are_null_not_zero(labels: list[str | None]) -> None:
    result = evaluate(unit(np.random.default_rng(2), 20), labels).to_json()
    assert (result["knn_score"] is None) == (labels[1] is None)
    assert (result["map"] is None) == (labels[1] is None)
    if labels[1] is None:
        assert result["intervals"] == {}
        assert result["most_confused"] == []
