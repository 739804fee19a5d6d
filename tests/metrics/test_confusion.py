from __future__ import annotations

import numpy as np

from podoba.metrics.confusion import classification_confusion, in_words, most_confused, retrieval_confusion


def test_retrieval_confusion_equals_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    classes = ["a", "b", "c"]
    found = rng.integers(0, 30, (12, 4))
    asked = [classes[i] for i in rng.integers(0, 2, 12)]
    pool = [classes[i] for i in rng.integers(0, 3, 30)]
    matrix = retrieval_confusion(found, asked, pool, classes)
    for row, query in enumerate(classes):
        hits = [pool[i] for q, near in zip(asked, found, strict=True) if q == query for i in near]
        for column, name in enumerate(classes):
            assert matrix[row, column] == (hits.count(name) / len(hits) if hits else 0.0)


def test_classification_confusion_and_its_worst_pairs_in_words() -> None:
    matrix = classification_confusion(["a"] * 4 + ["b"] * 2, ["a", "a", "a", "b", "a", "b"], ["a", "b", "c"])
    assert matrix.tolist() == [[0.75, 0.25, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
    worst = most_confused(matrix, ["a", "b", "c"])
    assert [(w["query"], w["retrieved"], w["share"]) for w in worst] == [("b", "a", 0.5), ("a", "b", 0.25)]
    assert in_words(worst)[0] == "a query of b retrieves a in 50.0% of the cases"
