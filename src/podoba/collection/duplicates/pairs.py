"""Which pairs of images are compared: each image with its nearest by pixels and its nearest by descriptor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.images.compare.candidates import CandidateSettings, pairs_between, pairs_within
from podoba.images.compare.frames import cut_out
from podoba.images.compare.pixel_similarity import Pixels
from podoba.images.compare.registration import Affine, box_map
from podoba.progress import OnProgress


@dataclass(frozen=True)
class Framed:
    """A pair of rows of which one may be a part of the other, and where: a map of places in the part to places in the whole."""

    whole: int
    part: int
    start: Affine


@dataclass(frozen=True)
class Candidates:
    """Pairs worth comparing.

    Attributes:
        pairs: rows, int64 (P, 2) with first < second.
        framed: those of which one may lie in a frame or a collage, by their rows.
        typical: the `typical_distance`.
    """

    pairs: Indices
    framed: Mapping[tuple[int, int], Framed]
    typical: float


def candidate_pairs(
    pixels: Pixels,
    descriptors: Floats,
    nearest: Callable[[int, int], tuple[Indices, Floats]],
    on_progress: OnProgress | None = None,
    settings: DuplicateSettings = DEFAULT,
) -> Candidates:
    """Pairs worth comparing, by pixels and by descriptors.

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
    framed = framed_parts(pixels, settings)
    in_frames = np.array([*framed], dtype=np.int64).reshape(-1, 2)
    pairs = np.sort(np.concatenate([pairs_by_pixels(pixels, settings), in_frames, *near]), axis=1)
    return Candidates(np.unique(pairs, axis=0), framed, typical)


def typical_distance(strangers: Floats, descriptors: Floats, settings: DuplicateSettings = DEFAULT) -> float:
    """The distance 1 - cosine that is typical of strangers: from those (n,) to the strangers nearest, or of random pairs."""
    if not len(strangers):
        return 0.0
    first, second = np.random.default_rng(0).integers(0, len(descriptors), (2, settings.drawn))
    drawn = 1 - np.einsum("pd,pd->p", descriptors[first], descriptors[second])
    return max(float(np.median(strangers)), settings.random_share * float(np.median(drawn)))


def framed_parts(pixels: Pixels, settings: DuplicateSettings = DEFAULT) -> dict[tuple[int, int], Framed]:
    """Pairs of which one, or both, are like the other once a frame is cut off or a collage is cut in two, by their rows, sorted.

    Args:
        pixels: uint8 (n, 32, 32, 3).
    """
    cut = cut_out(pixels)
    if not len(cut.rows):
        return {}
    candidates = CandidateSettings(settings.neighbours, settings.framed_similarity, settings.exact_up_to)
    all_of_it = box_map(0, 0, 1, 1)
    framed: dict[tuple[int, int], Framed] = {}
    for first, second in pairs_within(cut.pixels, candidates).tolist():
        _add(framed, int(cut.rows[first]), int(cut.rows[second]), box_map(*cut.boxes[first]), box_map(*cut.boxes[second]))
    for first, row in pairs_between(cut.pixels, pixels, candidates).tolist():
        _add(framed, int(cut.rows[first]), row, box_map(*cut.boxes[first]), all_of_it)
    return framed


def _add(framed: dict[tuple[int, int], Framed], whole: int, part: int, outer: Affine, inner: Affine) -> None:
    """A pair, where this box of the one is like that box of the other."""
    if whole != part:
        start = outer @ np.linalg.inv(np.vstack([inner, [0, 0, 1]]))
        framed[min(whole, part), max(whole, part)] = Framed(whole, part, start)


def pairs_by_pixels(pixels: Pixels, settings: DuplicateSettings = DEFAULT) -> Indices:
    """Pairs (P, 2) whose invariants are close: found whatever way a copy was turned, and whatever the descriptor makes of it.

    Args:
        pixels: uint8 (n, 32, 32, 3).
    """
    candidates = CandidateSettings(settings.neighbours, settings.invariant_similarity, settings.exact_up_to)
    return pairs_within(pixels, candidates)
