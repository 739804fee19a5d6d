"""Train-test overlap: copies of training images among test images, by pixels and by descriptors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.images.compare.candidates import CandidateSettings
from podoba.images.compare.overlap import OverlapSettings, find_overlap

Pixels = NDArray[np.uint8]
NONE = np.empty((0, 2), dtype=np.int64)


def slow_correlation(first: Pixels, second: Pixels) -> float:
    """Pearson's correlation of two pictures at half their side, each colour less its mean."""
    halved = [np.stack([[picture[y : y + 2, x : x + 2].mean((0, 1)) for x in range(0, 32, 2)] for y in range(0, 32, 2)])
              for picture in (first.astype(float), second.astype(float))]  # fmt: skip
    x, y = (np.concatenate([small[..., c].ravel() - small[..., c].mean() for c in range(3)]) for small in halved)
    return float((x @ y) / np.sqrt((x @ x) * (y @ y)))


def test_the_best_copy_of_each_query_is_found_most_alike_first(pictures: Pixels) -> None:
    gallery = pictures[:12]
    noise = np.random.default_rng(0).integers(-25, 26, gallery[5].shape)
    queries = np.stack(
        [
            pictures[15],  # another picture
            np.clip(gallery[5] + noise, 0, 255).astype(np.uint8),
            (gallery[2] * 0.7 + 30).astype(np.uint8),  # paler
            np.full_like(gallery[0], 90),  # no contrast
            gallery[8],
        ]
    )
    overlap = find_overlap(queries, gallery, NONE)
    assert overlap.pairs[:, 0].tolist()[-1] == 1
    assert sorted(map(tuple, overlap.pairs.tolist())) == [(1, 5), (2, 2), (4, 8)]
    assert (np.diff(overlap.correlation) <= 0).all()
    for (query, match), correlation in zip(overlap.pairs, overlap.correlation, strict=True):
        assert correlation == pytest.approx(slow_correlation(queries[query], gallery[match]), abs=1e-4)
    assert overlap.by_pixels.all()
    assert not overlap.by_descriptor.any()


def test_candidates_by_descriptor_must_agree_in_their_pixels(pictures: Pixels) -> None:
    none_by_pixels = OverlapSettings(candidates=CandidateSettings(cosine=2))
    given = np.array([[0, 3], [1, 1], [0, 0]], dtype=np.int64)
    overlap = find_overlap(pictures[:2], pictures[:6], given, none_by_pixels)
    assert sorted(map(tuple, overlap.pairs.tolist())) == [(0, 0), (1, 1)]
    assert (overlap.by_pixels.tolist(), overlap.by_descriptor.tolist()) == ([False] * 2, [True] * 2)
    both = find_overlap(pictures[:2], pictures[:6], given)
    assert (bool(both.by_pixels.all()), bool(both.by_descriptor.all())) == (True, True)


def test_a_turned_copy_is_another_image(pictures: Pixels) -> None:
    assert len(find_overlap(pictures[:4, :, ::-1], pictures, NONE).pairs) == 0


def test_nothing_overlaps_with_nothing(pictures: Pixels) -> None:
    for queries, gallery in ((pictures[:0], pictures), (pictures, pictures[:0])):
        overlap = find_overlap(queries, gallery, NONE)
        assert (overlap.pairs.shape, overlap.correlation.shape) == ((0, 2), (0,))
