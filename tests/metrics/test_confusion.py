from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.metrics.confusion import in_words, most_confused, most_confused_classes, retrieval_confusion


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 15), st.integers(1, 5), st.integers(1, 4))
def test_retrieval_confusion_equals_a_slow_loop(seed: int, queries: int, k: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    classes = ["a", "b", "c", "d"][:count]
    neighbours = rng.integers(-1, 30, (queries, k))  # -1 is none
    query_labels = [classes[i] for i in rng.integers(0, count, queries)]
    gallery_labels = [classes[i] for i in rng.integers(0, count, 30)]
    matrix = retrieval_confusion(neighbours, query_labels, gallery_labels, classes)
    for row, query in enumerate(classes):
        near = [r for label, rows in zip(query_labels, neighbours, strict=True) if label == query for r in rows if r >= 0]
        retrieved = [gallery_labels[r] for r in near]
        for column, name in enumerate(classes):
            assert matrix[row, column] == (retrieved.count(name) / len(retrieved) if retrieved else 0.0)


def test_the_classes_that_are_confused_most() -> None:
    matrix = np.array([[0.9, 0.0, 0.1, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.3, 0.6, 0.1], [0.05, 0.0, 0.0, 0.95]])
    assert most_confused_classes(matrix, 4) == [0, 1, 2, 3]
    assert most_confused_classes(matrix, 2) == [1, 2]  # a query of the third retrieves the second most often
    assert most_confused_classes(matrix, 3) == [0, 1, 2]
    assert most_confused_classes(np.zeros((0, 0)), 3) == []


def test_the_worst_pairs_in_words() -> None:
    matrix = np.array([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])
    worst = most_confused(matrix, ["a", "b", "c"])
    assert [(w["query"], w["retrieved"], w["share"]) for w in worst] == [("b", "a", 0.5), ("a", "b", 0.25)]
    assert in_words(worst)[0] == "a query of b retrieves a in 50.0% of the cases"
    assert most_confused(matrix, ["a", "b", "c"], n=1) == worst[:1]
    assert matrix[0, 0] == 0.75  # the matrix itself is left as it is
