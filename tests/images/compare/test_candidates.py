"""Candidates: every close pair of a slow loop, copies under every turn among them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.images.compare.candidates import CandidateSettings, pairs_between, pairs_within
from podoba.images.compare.pixel_similarity import invariants, turned

Pixels = NDArray[np.uint8]


def slow(queries: Pixels, gallery: Pixels, settings: CandidateSettings, skip: bool) -> set[tuple[int, int]]:
    first, second = invariants(queries), invariants(gallery)
    pairs = set()
    for i, vector in enumerate(first):
        others = [j for j in range(len(second)) if not (skip and i == j)]
        nearest = sorted(others, key=lambda j: -float(vector @ second[j]))[: settings.neighbours]
        pairs |= {(i, j) for j in nearest if float(vector @ second[j]) >= settings.cosine}
    return pairs


@pytest.mark.parametrize("settings", [CandidateSettings(3, 0.5), CandidateSettings(2, 0.7), CandidateSettings()])
def test_pairs_are_those_of_a_slow_loop(pictures: Pixels, settings: CandidateSettings) -> None:
    within = [tuple(pair) for pair in pairs_within(pictures, settings).tolist()]
    between = [tuple(pair) for pair in pairs_between(pictures[:7], pictures[7:], settings).tolist()]
    assert (len(set(within)), len(set(between))) == (len(within), len(between))
    assert set(within) == slow(pictures, pictures, settings, skip=True)
    assert set(between) == slow(pictures[:7], pictures[7:], settings, skip=False)
    if settings.cosine < 0.6:
        assert within
        assert between


@pytest.mark.parametrize("exact", [65_000, 0])
def test_turned_and_mirrored_copies_are_candidates(pictures: Pixels, exact: int) -> None:
    copies = np.stack([turned(picture, place % 8) for place, picture in enumerate(pictures)])
    settings = CandidateSettings(exact=exact)
    assert {(i, i) for i in range(20)} <= {tuple(pair) for pair in pairs_between(copies, pictures, settings).tolist()}
    both = pairs_within(np.concatenate([pictures, copies]), settings)
    assert {(i, i + 20) for i in range(20)} <= {tuple(sorted(pair)) for pair in both.tolist()}


def test_few_pictures_have_no_pairs(pictures: Pixels) -> None:
    for pairs in (pairs_within(pictures[:1]), pairs_within(pictures[:0]), pairs_between(pictures[:0], pictures),
                  pairs_between(pictures, pictures[:0])):  # fmt: skip
        assert (pairs.shape, pairs.dtype) == ((0, 2), np.dtype(np.int64))
