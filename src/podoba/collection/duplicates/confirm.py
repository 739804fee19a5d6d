"""What each pair of images is to each other: the same picture, turned, edited or cropped, near, or nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.duplicates.results import CHANGED, NEAR, SAME, TURNED
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.collection.duplicates.small_images import larger_image
from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.cropping import find_part, sizes
from podoba.images.compare.pixel_similarity import LUMA, SIDE, TURNS, Alike, Pixels, compare
from podoba.parallel import ahead
from podoba.progress import OnProgress


@dataclass(frozen=True)
class Link:
    """What the second image is to the first; rows of the images that are compared.

    Attributes:
        kind: place in `KINDS`.
        words: what was found, such as `mirrored`.
    """

    first: int
    second: int
    kind: int
    words: str


@dataclass(frozen=True)
class ComparedImages:
    """What pairs are confirmed by, a row an image.

    Attributes:
        pixels: uint8 (n, 32, 32, 3).
        descriptors: float32 (n, dim), unit length.
        typical: distance 1 - cosine that is typical of strangers (`typical_distance`).
    """

    items: Sequence[Item]
    pixels: Pixels
    descriptors: Floats
    typical: float


def confirm_pairs(
    images: ComparedImages, pairs: Indices, on_progress: OnProgress | None = None, settings: DuplicateSettings = DEFAULT
) -> list[Link]:
    """What each of these pairs (P, 2) of rows is; those that are nothing to each other are left out."""
    links: list[Link] = []
    size = settings.pairs_at_once
    chunks = [pairs[start : start + size] for start in range(0, len(pairs), size)]
    threads = min(os.cpu_count() or 1, settings.threads)
    for done, confirmed in enumerate(ahead(chunks, lambda chunk: _confirm(images, chunk, settings), threads)):
        links += confirmed
        if on_progress is not None:
            on_progress("comparing pairs", min((done + 1) * size, len(pairs)), len(pairs))
    return links


def _confirm(images: ComparedImages, pairs: Indices, settings: DuplicateSettings) -> list[Link]:
    first, second = pairs[:, 0], pairs[:, 1]
    distance = 1 - np.einsum("pd,pd->p", images.descriptors[first], images.descriptors[second])
    alike = compare(images.pixels[first], images.pixels[second])
    same = _is_same(alike, settings)
    edited = ~same & _is_edited(alike, settings)
    links = []
    for i in np.flatnonzero(same):
        turn = int(alike.turn[i])
        links.append(Link(int(first[i]), int(second[i]), TURNED if turn else SAME, _turn_in_words(turn)))
    links += [_edited(pairs[i], alike, int(i)) for i in np.flatnonzero(edited)]
    close = ~same & ~edited & (distance <= settings.part_distance * images.typical)
    again = np.flatnonzero(close & (alike.turn != 0))
    upright = compare(images.pixels[first[again]], images.pixels[second[again]], as_it_is=True)
    captioned = np.flatnonzero(_is_edited(upright, settings))
    links += [_edited(pairs[again[i]], upright, int(i)) for i in captioned]
    close[again[captioned]] = False
    maybe = np.flatnonzero(close)
    parts = _parts(images, pairs[maybe], settings)
    links += list(parts.values())
    near = distance <= settings.near_distance * images.typical
    near &= (alike.correlation >= settings.near_correlation) & (alike.turn == 0)
    for place, i in enumerate(maybe):
        if place not in parts and near[i]:
            links.append(Link(int(first[i]), int(second[i]), NEAR, f"similarity {1 - distance[i]:.3f}"))
    return links


def _is_same(alike: Alike, settings: DuplicateSettings) -> Mask:
    same: Mask = (
        (alike.difference <= settings.same_difference)
        & (alike.correlation >= settings.same_correlation)
        & (alike.agreement >= settings.same_agreement)
    )
    return same


def _is_edited(alike: Alike, settings: DuplicateSettings) -> Mask:
    seen = (alike.agreement >= settings.edited_agreement) & (alike.contrast >= settings.edited_contrast)
    faint = alike.agreement >= settings.faint_agreement
    faint &= (alike.correlation >= settings.faint_correlation) & (alike.contrast >= settings.faint_contrast)
    either: Mask = seen | faint
    return either


def _edited(pair: Indices, alike: Alike, place: int) -> Link:
    turn = int(alike.turn[place])
    words = f"edited: {alike.agreement[place]:.0%} of it is the same" + (f", {_turn_in_words(turn)}" if turn else "")
    return Link(int(pair[0]), int(pair[1]), CHANGED, words)


def _parts(images: ComparedImages, pairs: Indices, settings: DuplicateSettings) -> dict[int, Link]:
    """Pairs of which one image is a part of the other, by their place in `pairs`."""
    links: dict[int, Link] = {}
    if not len(pairs):
        return links
    rows, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    grey = images.pixels[rows].astype(np.float32) @ LUMA
    half = grey.reshape(len(grey), SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    shape = _shapes(images.items, rows)
    coarse_widths, finer_widths = (np.array(w, dtype=np.float32) for w in (settings.part_widths, settings.part_finer_widths))
    for whole, part in ((0, 1), (1, 0)):
        left = np.array([place for place in range(len(pairs)) if place not in links], dtype=np.int64)
        if not len(left):
            break
        wholes, smaller = places[left, whole], places[left, part]
        coarse = find_part(half[wholes], half[smaller], sizes(shape[wholes], shape[smaller], coarse_widths))
        kept = coarse.score >= settings.part_coarse_correlation
        left, wholes, smaller = left[kept], wholes[kept], smaller[kept]
        if not len(left):
            continue
        around = coarse.box[kept, 2:3].astype(np.float32) * finer_widths
        finer = find_part(grey[wholes], grey[smaller], sizes(shape[wholes], shape[smaller], around))
        for i in np.flatnonzero(finer.score >= settings.part_fine_correlation):
            width = float(finer.box[i, 2])
            link = _confirm_part(images.items, int(pairs[left[i], whole]), int(pairs[left[i], part]), width, settings)
            if link is not None:
                links[int(left[i])] = link
    return links


def _confirm_part(items: Sequence[Item], whole: int, part: int, width: float, settings: DuplicateSettings) -> Link | None:
    """A closer look at a part of about this share of the whole's width, on larger images."""
    try:
        larger = [larger_image(items[row], settings.part_side)[None] for row in (whole, part)]
    except UnreadableImage:
        return None  # it was removed since the small images were made
    widths = width * np.array(settings.part_finest_widths, dtype=np.float32)
    shares = sizes(_shapes(items, np.array([whole])), _shapes(items, np.array([part])), widths)
    fine = find_part(larger[0], larger[1], shares)
    if fine.score[0] < settings.part_correlation:
        return None
    share = float(fine.box[0, 2] * fine.box[0, 3])
    return Link(whole, part, CHANGED, f"a part: {share:.0%} of it")


def _shapes(items: Sequence[Item], rows: NDArray[np.int64]) -> Floats:
    """Width and height (n, 2) in pixels; those of an imported item may be unknown, which is taken for a square."""
    return np.array([(max(1, items[row].width), max(1, items[row].height)) for row in rows], dtype=np.float32)


def _turn_in_words(turn: int) -> str:
    mirrored, turned = turn >= 4, TURNS[turn % 4]
    if not turn:
        return ""
    return "mirrored" if turn == 4 else f"mirrored and {turned}" if mirrored else turned
