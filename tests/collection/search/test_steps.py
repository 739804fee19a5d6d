"""Steps from candidates to results: each alone, and their order."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.collection.collection import Collection, search
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import ComposedQuery
from podoba.collection.search.rerank import CandidatePool, Candidates
from podoba.collection.search.steps import (
    Chances,
    compared,
    first,
    likely,
    may_be_copies,
    steps_for,
    with_probabilities,
    without,
)
from podoba.models.calibration import Background, Calibration

CALIBRATION = Calibration(nearness=2, contrast=1, intercept=-2, usual_mean=0, usual_spread=0.3)
DRAWN = np.array([[0.8, 0.6, 0, 0], [0, 0, 1, 0], [0.6, 0, 0.8, 0], [0, 1, 0, 0]], dtype=np.float32)


def candidates(count: int = 6) -> Candidates:
    descriptors = np.random.default_rng(0).standard_normal((count, 4)).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    return Candidates(np.arange(10, 10 + count), descriptors[:, 0].copy(), descriptors, True)


def chances(some: ComposedQuery) -> Chances:
    return Chances(CALIBRATION, Background.of(some.wanted, DRAWN))


def probability(similarity: Floats, axis: int) -> NDArray[np.float64]:
    """To the query of one axis."""
    return CALIBRATION.probability(similarity, Background.of(np.eye(4, dtype=np.float32)[[axis]], DRAWN))


def query(*wanted: int) -> ComposedQuery:
    """Of some axes, weighted alike."""
    images = np.eye(4, dtype=np.float32)[list(wanted)]
    descriptor = images.sum(axis=0) / np.sqrt(np.float32(len(wanted)))
    return ComposedQuery(descriptor, images, np.full(len(wanted), 1 / len(wanted)), np.array([], np.int64), len(wanted) > 1)


def test_what_is_hidden_is_left_out() -> None:
    assert without(candidates(), np.array([11, 14, 99])).numbers.tolist() == [10, 12, 13, 15]
    assert first(candidates(), 2).numbers.tolist() == [10, 11]
    assert len(first(candidates(), 99)) == 6


def test_the_probability_of_several_wanted_images_is_the_mean_of_theirs() -> None:
    some = candidates()
    alone = with_probabilities(some, query(0), chances(query(0))).probabilities
    several = with_probabilities(some, query(1, 2), chances(query(1, 2))).probabilities
    assert alone is not None
    assert several is not None
    np.testing.assert_allclose(alone, probability(some.similarities, 0))
    expected = np.mean([probability(some.descriptors[:, axis], axis) for axis in (1, 2)], axis=0)
    np.testing.assert_allclose(several, expected, rtol=1e-6)


def test_only_the_likely_pass_the_threshold() -> None:
    scored = with_probabilities(candidates(), query(0), chances(query(0)))
    assert scored.probabilities is not None
    passed = likely(scored, 0.02)
    assert 0 < len(passed) < len(scored)
    assert passed.numbers.tolist() == [n for n, p in zip(scored.numbers, scored.probabilities, strict=True) if p >= 0.02]
    assert likely(candidates(), 0.5).numbers.tolist() == candidates().numbers.tolist()  # without probabilities all pass


def test_similarities_become_those_to_the_query() -> None:
    np.testing.assert_allclose(compared(candidates(), query(3).descriptor).similarities, candidates().descriptors[:, 3])


def test_copies_are_noticed() -> None:
    assert not may_be_copies(candidates(4), 0.99)
    assert may_be_copies(candidates(4).take(np.array([0, 1, 0])), 0.99)


def test_the_steps_follow_from_the_options(filled: Collection) -> None:
    def names(options: SearchOptions, direction: np.ndarray, known: Chances | None) -> list[str]:
        pool = CandidatePool(filled.index, direction, 10)
        return [getattr(step, "func", step).__name__ for step in steps_for(options, pool, wanted, wanted.own, known)]

    wanted = query(0)
    assert names(SearchOptions(), wanted.descriptor, None) == ["without", "first"]  # of a model that was never calibrated
    assert names(SearchOptions(), wanted.descriptor, chances(wanted)) == ["without", "with_probabilities", "first"]
    everything = SearchOptions(min_probability=0.5, diversity=0.5, rerank="whitening", feedback="rocchio")
    assert names(everything, wanted.descriptor.copy(), chances(wanted)) == [
        "without", "_whiten", "without", "compared", "with_probabilities", "likely", "diverse",
    ]  # fmt: skip


def test_diversity_looks_behind_many_copies(filled: Collection) -> None:
    items = filled.items()
    copied = filled.store.descriptors.get(items[0].id)
    many = [
        items[0].__class__(**{name: getattr(items[0], name) for name in items[0].__slots__} | {"id": f"{i:016x}"})
        for i in range(1000, 1900)
    ]
    filled.put(many, np.repeat(copied[None], len(many), axis=0))
    assert [hit.similarity for hit in search(filled, copied, k=5).hits] == pytest.approx([1.0] * 5)
    diverse = search(filled, copied, k=5, diversity=0.5).hits
    assert sum(hit.similarity > 0.99 for hit in diverse) == 1
    assert len(search(filled, copied, k=5, diversity=0.5, min_probability=0.9)) == 5  # only copies are likely
