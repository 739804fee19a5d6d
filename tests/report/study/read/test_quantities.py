from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.report.study.read.quantities import (
    look_alikes,
    of_history,
    of_results,
    result_counts,
    sample_rows,
    unit,
)
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults


def retrieval_results(q: int, g: int, classes: list[str], seed: int, k: int = 4) -> RetrievalResults:
    rng = np.random.default_rng(seed)
    return RetrievalResults(
        queries=rng.normal(size=(q, 6)).astype(np.float16),
        query_labels=rng.integers(-1, len(classes), q),
        gallery_labels=rng.integers(-1, len(classes), g),
        classes=np.array(classes),
        indices=rng.integers(0, g, (q, k)),
        similarities=rng.random((q, k)).astype(np.float32),
        query_rows=np.arange(q),
        gallery_rows=np.arange(g),
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 5), st.integers(0, 10**6))
def test_counts_equal_the_slow_loop(q: int, g: int, c: int, seed: int) -> None:
    data = retrieval_results(q, g, [f"c{i}" for i in range(c)], seed)
    slow = np.zeros((c, c), int)
    for i in range(q):
        for row in data.indices[i]:
            a, b = data.query_labels[i], data.gallery_labels[row]
            if a >= 0 and b >= 0:
                slow[a, b] += 1
    counts = result_counts(data)
    assert np.array_equal(counts, slow)
    alike = look_alikes(counts)
    for i in range(c):
        others = [(slow[i, j], -j) for j in range(c) if j != i]
        assert not others or alike[i] == -max(others)[1]
    if c > 2 and slow.sum():
        outside = sum(slow[i, j] for i in range(c) for j in range(c) if j not in (i, alike[i]))
        assert of_results(counts, alike)["unrelated_share"] == pytest.approx(outside / slow.sum())


def test_no_results_no_numbers() -> None:
    assert of_results(np.zeros((3, 3), np.int64), np.zeros(3, np.int64)) == {}


def rows(training: list[float], validation: list[Any]) -> list[Epoch]:
    return [Epoch(i + 1, a, b, 0.1, 2.0) for i, (a, b) in enumerate(zip(training, validation, strict=True))]


def test_gaps_follow_their_definitions() -> None:
    got = of_history(rows([1.0, 0.5, 0.2], [1.2, 0.8, 1.0]), common_epochs=2)
    assert got["gap_best"] == pytest.approx(0.8 - 0.5)
    assert got["gap_last"] == pytest.approx(1.0 - 0.2)
    assert got["relative_gap"] == pytest.approx(0.8 / 1.0)
    assert got["validation_rise"] == pytest.approx(1.0 / 0.8 - 1)
    assert got["log_training_loss"] == pytest.approx(math.log(0.5))
    assert got["total_seconds"] == 6.0


def test_without_validation_there_is_no_gap() -> None:
    assert set(of_history(rows([1.0, 0.0], [None, None]), common_epochs=2)) == {"total_seconds"}


def test_the_sample_is_even_over_the_classes_and_always_the_same() -> None:
    labels = np.array([0] * 90 + [1] * 10 + [-1] * 20)
    chosen = sample_rows(labels, 20)
    assert np.array_equal(chosen, sample_rows(labels, 20))
    assert np.bincount(labels[chosen]).tolist() == [10, 10]


def test_half_precision_is_made_unit_again() -> None:
    x = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float16)
    assert np.linalg.norm(unit(x), axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert unit(np.zeros((1, 3), np.float16)).tolist() == [[0, 0, 0]]
