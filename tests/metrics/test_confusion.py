from __future__ import annotations

import numpy as np

from podoba.metrics.confusion import in_words, most_confused, retrieval_confusion


def test_retrieval_confusion_equals_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    classes = ["a", "b", "c"]
    neighbours = rng.integers(0, 30, (12, 4))
    query_labels = [classes[i] for i in rng.integers(0, 2, 12)]
    gallery_labels = [classes[i] for i in rng.integers(0, 3, 30)]
    matrix = retrieval_confusion(neighbours, query_labels, gallery_labels, classes)
    for row, query in enumerate(classes):
        hits = [gallery_labels[i] for q, near in zip(query_labels, neighbours, strict=True) if q == query for i in near]
        for column, name in enumerate(classes):
            assert matrix[row, column] == (hits.count(name) / len(hits) if hits else 0.0)


def test_the_worst_pairs_in_words() -> None:
    matrix = np.array([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])
    worst = most_confused(matrix, ["a", "b", "c"])
    assert [(w["query"], w["retrieved"], w["share"]) for w in worst] == [("b", "a", 0.5), ("a", "b", 0.25)]
    assert in_words(worst)[0] == "a query of b retrieves a in 50.0% of the cases"
    assert most_confused(matrix, ["a", "b", "c"], n=1) == worst[:1]
    assert matrix[0, 0] == 0.75  # the matrix itself is left as it is
