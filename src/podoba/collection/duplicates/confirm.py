"""Which pairs of images are looked at, and what each pair is: the same picture, turned, edited or cropped, or near."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices
from podoba.collection.duplicates.small_images import larger_picture
from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.candidates import CANDIDATES, pairs_within
from podoba.images.compare.cropping import find_part, sizes
from podoba.images.compare.pixel_similarity import LUMA, SIDE, TURNS, Alike, Pixels, compare
from podoba.parallel import ahead
from podoba.progress import OnProgress

KINDS = ("identical", "same picture", "flipped or rotated", "cropped or edited", "near")
IDENTICAL, SAME, TURNED, CHANGED, NEAR = range(len(KINDS))
TOGETHER = 512  # pairs compared at a time
COMPARERS = 4  # threads at most; each takes some 50 MB

# One picture: differences that encoding and resizing leave (levels of 255).
MOST_DIFFERENT, LEAST_CORRELATED, LEAST_AGREEING = 12.0, 0.95, 0.75
# One picture with edits: the share of it that is the same up to brightness and contrast, and enough to be seen there.
EDITED_SHARE, EDITED_CONTRAST = 0.5, 12.0
# Or less to be seen, where nearly all of it agrees: a faint picture.
FAINT_SHARE, FAINT_CORRELATED, FAINT_CONTRAST = 0.9, 0.97, 6.0
# A part of a picture: correlation on 16x16, then on 32x32 and then on 64x64 pixels, sizes tried and how far around the best.
PART_SIDE, PERHAPS_PART, MAYBE_PART, PART = 64, 0.78, 0.82, 0.93
WIDTHS = (1 / 1.1 ** np.arange(1, 9)).astype(np.float32)
FINE = np.array([0.93, 0.965, 1.0, 1.035, 1.07], dtype=np.float32)
FINER = np.array([0.96, 0.98, 1.0, 1.02, 1.04], dtype=np.float32)
# By descriptors: distance as a share of that to the tenth neighbour, which is usual for strangers in this collection; where
# most images have many copies it says little, and half the distance of two drawn at random stands in its place.
STRANGER, CANDIDATE_SHARE, MAYBE_SHARE, NEAR_SHARE, NEAR_CORRELATED = 10, 0.9, 0.85, 0.25, 0.5
RANDOM_SHARE, DRAWN = 0.5, 1000


@dataclass(frozen=True)
class Link:
    """What the second image is to the first; rows of the items that are looked at.

    Attributes:
        kind: place in `KINDS`.
        words: what was found, such as `mirrored`.
    """

    first: int
    second: int
    kind: int
    words: str


@dataclass(frozen=True)
class Looks:
    """What pairs are judged by, a row an image.

    Attributes:
        pixels: uint8 (n, 32, 32, 3).
        descriptors: float32 (n, dim), unit length.
        usual: distance 1 - cosine that is usual for strangers (`usual_distance`).
    """

    items: Sequence[Item]
    pixels: Pixels
    descriptors: Floats
    usual: float


def candidate_pairs(
    pixels: Pixels,
    descriptors: Floats,
    nearest: Callable[[int, int], tuple[Indices, Floats]],
    on_progress: OnProgress | None = None,
) -> tuple[Indices, float]:
    """Pairs worth looking at, int64 (P, 2) with first < second, by pixels and by descriptors; and `Looks.usual`.

    Args:
        pixels, descriptors: as in `Looks`.
        nearest: of rows from a first to before a second one: the rows (q, k) and similarities (q, k) of the neighbours by
            descriptor, themselves among them; a row of -1 stands for an image that is not looked at.
    """
    count = len(pixels)
    found = [pairs_within(pixels)]
    near: list[tuple[Indices, Floats]] = []
    strangers = []
    for start in range(0, count, TOGETHER):
        stop = min(start + TOGETHER, count)
        rows, similarities = nearest(start, stop)
        own = np.arange(start, stop)[:, None]
        strangers.append(1 - similarities[:, -1])
        asked = rows[:, : CANDIDATES.neighbours + 1]
        pairs = np.stack(np.broadcast_arrays(own, asked), axis=2).reshape(-1, 2)
        others = (pairs[:, 1] >= 0) & (pairs[:, 0] != pairs[:, 1])
        near.append((pairs[others], 1 - similarities[:, : CANDIDATES.neighbours + 1].reshape(-1)[others]))
        if on_progress is not None:
            on_progress("finding neighbours", stop, count)
    usual = usual_distance(np.concatenate([np.zeros(0, np.float32), *strangers]), descriptors)
    found += [pairs[distances <= CANDIDATE_SHARE * usual] for pairs, distances in near]
    pairs = np.sort(np.concatenate(found), axis=1)
    return np.unique(pairs, axis=0), usual


def usual_distance(tenth: Floats, descriptors: Floats) -> float:
    """The distance 1 - cosine that is usual for strangers: from those (n,) to the tenth neighbours, or of random pairs."""
    if not len(tenth):
        return 0.0
    first, second = np.random.default_rng(0).integers(0, len(descriptors), (2, DRAWN))
    drawn = 1 - np.einsum("pd,pd->p", descriptors[first], descriptors[second])
    return max(float(np.median(tenth)), RANDOM_SHARE * float(np.median(drawn)))


def judge_pairs(looks: Looks, pairs: Indices, on_progress: OnProgress | None = None) -> list[Link]:
    """What each pair is; those that are nothing to each other are left out."""
    links: list[Link] = []
    chunks = [pairs[start : start + TOGETHER] for start in range(0, len(pairs), TOGETHER)]
    for done, found in enumerate(ahead(chunks, lambda chunk: _judge(looks, chunk), min(os.cpu_count() or 1, COMPARERS))):
        links += found
        if on_progress is not None:
            on_progress("comparing pairs", min((done + 1) * TOGETHER, len(pairs)), len(pairs))
    return links


def _judge(looks: Looks, pairs: Indices) -> list[Link]:
    first, second = pairs[:, 0], pairs[:, 1]
    distance = 1 - np.einsum("pd,pd->p", looks.descriptors[first], looks.descriptors[second])
    alike = compare(looks.pixels[first], looks.pixels[second])
    same = (alike.difference <= MOST_DIFFERENT) & (alike.correlation >= LEAST_CORRELATED) & (alike.agreement >= LEAST_AGREEING)
    edited = ~same & _is_edited(alike)
    links = []
    for i in np.flatnonzero(same):
        turn = int(alike.turn[i])
        links.append(Link(int(first[i]), int(second[i]), TURNED if turn else SAME, _turn_in_words(turn)))
    links += [_edited(pairs[i], alike, int(i)) for i in np.flatnonzero(edited)]
    close = ~same & ~edited & (distance <= MAYBE_SHARE * looks.usual)
    again = np.flatnonzero(close & (alike.turn != 0))
    upright = compare(looks.pixels[first[again]], looks.pixels[second[again]], as_it_is=True)
    captioned = np.flatnonzero(_is_edited(upright))
    links += [_edited(pairs[again[i]], upright, int(i)) for i in captioned]
    close[again[captioned]] = False
    maybe = np.flatnonzero(close)
    parts = _parts(looks, pairs[maybe])
    links += list(parts.values())
    near = (distance <= NEAR_SHARE * looks.usual) & (alike.correlation >= NEAR_CORRELATED) & (alike.turn == 0)
    for place, i in enumerate(maybe):
        if place not in parts and near[i]:
            links.append(Link(int(first[i]), int(second[i]), NEAR, f"similarity {1 - distance[i]:.3f}"))
    return links


def _is_edited(alike: Alike) -> NDArray[np.bool_]:
    seen = (alike.agreement >= EDITED_SHARE) & (alike.contrast >= EDITED_CONTRAST)
    faint = (alike.agreement >= FAINT_SHARE) & (alike.correlation >= FAINT_CORRELATED) & (alike.contrast >= FAINT_CONTRAST)
    return seen | faint


def _edited(pair: Indices, alike: Alike, place: int) -> Link:
    turn = int(alike.turn[place])
    words = f"edited: {alike.agreement[place]:.0%} of it is the same" + (f", {_turn_in_words(turn)}" if turn else "")
    return Link(int(pair[0]), int(pair[1]), CHANGED, words)


def _parts(looks: Looks, pairs: Indices) -> dict[int, Link]:
    """Pairs of which one image is a part of the other, by their place in `pairs`."""
    found: dict[int, Link] = {}
    if not len(pairs):
        return found
    rows, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    grey = looks.pixels[rows].astype(np.float32) @ LUMA
    half = grey.reshape(len(grey), SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    shape = np.array([(looks.items[row].width, looks.items[row].height) for row in rows], dtype=np.float32)
    for whole, part in ((0, 1), (1, 0)):
        left = np.array([place for place in range(len(pairs)) if place not in found], dtype=np.int64)
        if not len(left):
            break
        wholes, smaller = places[left, whole], places[left, part]
        coarse = find_part(half[wholes], half[smaller], sizes(shape[wholes], shape[smaller], WIDTHS))
        kept = coarse.score >= PERHAPS_PART
        left, wholes, smaller = left[kept], wholes[kept], smaller[kept]
        if not len(left):
            continue
        around = coarse.box[kept, 2:3].astype(np.float32) * FINE
        finer = find_part(grey[wholes], grey[smaller], sizes(shape[wholes], shape[smaller], around))
        for i in np.flatnonzero(finer.score >= MAYBE_PART):
            width = float(finer.box[i, 2])
            link = _confirm_part(looks, int(pairs[left[i], whole]), int(pairs[left[i], part]), width)
            if link is not None:
                found[int(left[i])] = link
    return found


def _confirm_part(looks: Looks, whole: int, part: int, width: float) -> Link | None:
    """A closer look at a part of about this share of the whole's width, on larger pictures."""
    items = looks.items
    try:
        larger = [larger_picture(items[row], PART_SIDE)[None] for row in (whole, part)]
    except UnreadableImage:
        return None  # it has gone since it was looked at
    shares = sizes(_shape(items, np.array([whole])), _shape(items, np.array([part])), width * FINER)
    fine = find_part(larger[0], larger[1], shares)
    if fine.score[0] < PART:
        return None
    share = float(fine.box[0, 2] * fine.box[0, 3])
    return Link(whole, part, CHANGED, f"a part: {share:.0%} of it")


def _shape(items: Sequence[Item], rows: NDArray[np.int64]) -> Floats:
    return np.array([(items[row].width, items[row].height) for row in rows], dtype=np.float32)


def _turn_in_words(turn: int) -> str:
    mirrored, turned = turn >= 4, TURNS[turn % 4]
    if not turn:
        return ""
    return "mirrored" if turn == 4 else f"mirrored and {turned}" if mirrored else turned
