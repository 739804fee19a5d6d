"""Train-test overlap: test images that are near-duplicates of training images, by their pixels.

Scores on such images are remembered, not found. Barz and Denzler, "Do we train on test data?" (2020), found 3.3% of the test
images of CIFAR-10 to be near-duplicates of training images.
"""

from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.images.compare.candidates import CANDIDATES, CandidateSettings, pairs_between
from podoba.images.compare.pixel_similarity import Pixels, compare

BATCH = 512  # pairs compared at a time


@dataclass(frozen=True)
class OverlapSettings:
    """What counts as one picture.

    Attributes:
        correlation: of the pixels of two pictures at half their side, each colour less its mean, from which on they are one
            picture: set by eye on CIFAR-10.
        candidates: which pairs are compared for their pixels.
    """

    correlation: float = 0.9
    candidates: CandidateSettings = CANDIDATES


OVERLAP = OverlapSettings()


@dataclass(frozen=True)
class Overlap:
    """The nearest duplicate of each query that has one, most alike first; all of n rows.

    Attributes:
        pairs: row of the query and of the gallery, int64 (n, 2).
        correlation: float32 (n,).
        by_pixels: whether its pixels made it a candidate, bool (n,).
        by_descriptor: whether it was among the given candidates, bool (n,).
    """

    pairs: Indices
    correlation: Floats
    by_pixels: Mask
    by_descriptor: Mask


def find_overlap(queries: Pixels, gallery: Pixels, nearest: Indices, settings: OverlapSettings = OVERLAP) -> Overlap:
    """Queries that are also in the gallery: candidates by pixels and by descriptors, of which the pixels themselves decide.

    Pictures are compared as they are, not turned. One without contrast is like none.

    Args:
        queries, gallery: uint8 (Q, 32, 32, 3) and (G, 32, 32, 3).
        nearest: further candidates, int64 (P, 2), such as the nearest by descriptor.
    """
    pixel_pairs = pairs_between(queries, gallery, settings.candidates)
    sources = np.concatenate([np.full(len(pixel_pairs), 1), np.full(len(nearest), 2)])
    pairs, where = np.unique(np.concatenate([pixel_pairs, nearest]), axis=0, return_inverse=True)
    found_by = np.zeros(len(pairs), dtype=np.int64)
    np.bitwise_or.at(found_by, where.ravel(), sources)
    correlation = np.zeros(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        alike = compare(queries[some[:, 0]], gallery[some[:, 1]], as_it_is=True)
        correlation[start : start + BATCH] = alike.correlation
    close = np.flatnonzero(correlation >= settings.correlation)
    order = close[np.argsort(-correlation[close], kind="stable")]
    rows = order[np.sort(np.unique(pairs[order, 0], return_index=True)[1])]
    return Overlap(pairs[rows], correlation[rows], (found_by[rows] & 1) > 0, (found_by[rows] & 2) > 0)
