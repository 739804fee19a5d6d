"""Which pairs of images are compared: each image with its nearest by pixels and its nearest by descriptor."""

from collections.abc import Callable

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.images.compare.candidates import CandidateSettings, pairs_within
from podoba.images.compare.pixel_similarity import Pixels
from podoba.progress import OnProgress


def candidate_pairs(
    pixels: Pixels,
    descriptors: Floats,
    nearest: Callable[[int, int], tuple[Indices, Floats]],
    on_progress: OnProgress | None = None,
    settings: DuplicateSettings = DEFAULT,
) -> tuple[Indices, float]:
    """Pairs worth comparing, int64 (P, 2) with first < second, by pixels and by descriptors; and the `typical_distance`.

    Args:
        pixels: uint8 (n, 32, 32, 3).
        descriptors: float32 (n, dim), unit length.
        nearest: of rows from a first to before a second one: the rows (q, k) and similarities (q, k) of their `stranger` + 1
            nearest by descriptor, themselves among them; a row of -1 stands for an image that is not compared.
    """
    count, columns = len(pixels), settings.neighbours + 1
    by_descriptor: list[tuple[Indices, Floats]] = []
    strangers = [np.zeros(0, np.float32)]
    for start in range(0, count, settings.pairs_at_once):
        stop = min(start + settings.pairs_at_once, count)
        rows, similarities = nearest(start, stop)
        own = np.arange(start, stop)[:, None]
        strangers.append(1 - similarities[:, -1])
        pairs = np.stack(np.broadcast_arrays(own, rows[:, :columns]), axis=2).reshape(-1, 2)
        others = (pairs[:, 1] >= 0) & (pairs[:, 0] != pairs[:, 1])
        by_descriptor.append((pairs[others], 1 - similarities[:, :columns].reshape(-1)[others]))
        if on_progress is not None:
            on_progress("finding neighbours", stop, count)
    typical = typical_distance(np.concatenate(strangers), descriptors, settings)
    near = [pairs[distances <= settings.candidate_distance * typical] for pairs, distances in by_descriptor]
    pairs = np.sort(np.concatenate([pairs_by_pixels(pixels, settings), *near]), axis=1)
    return np.unique(pairs, axis=0), typical


def typical_distance(strangers: Floats, descriptors: Floats, settings: DuplicateSettings = DEFAULT) -> float:
    """The distance 1 - cosine that is typical of strangers: from those (n,) to the strangers nearest, or of random pairs."""
    if not len(strangers):
        return 0.0
    first, second = np.random.default_rng(0).integers(0, len(descriptors), (2, settings.drawn))
    drawn = 1 - np.einsum("pd,pd->p", descriptors[first], descriptors[second])
    return max(float(np.median(strangers)), settings.random_share * float(np.median(drawn)))


def pairs_by_pixels(pixels: Pixels, settings: DuplicateSettings = DEFAULT) -> Indices:
    """Pairs (P, 2) whose invariants are close: found whatever way a copy was turned, and whatever the descriptor makes of it.

    Args:
        pixels: uint8 (n, 32, 32, 3).
    """
    candidates = CandidateSettings(settings.neighbours, settings.invariant_similarity, settings.exact_up_to)
    return pairs_within(pixels, candidates)
