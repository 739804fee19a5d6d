"""What each pair of images is to each other: the same picture, turned, edited or cropped, near, or nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from podoba.arrays import Floats, Indices, Mask
from podoba.collection.duplicates.pairs import Framed
from podoba.collection.duplicates.results import CHANGED, NEAR, SAME, TURNED
from podoba.collection.duplicates.same_picture import is_same, lay_on
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.collection.duplicates.small_images import LargerImages
from podoba.collection.storage.items import Item
from podoba.images.compare.cropping import find_part, sizes
from podoba.images.compare.detail import Detail, Grey, TwoSizes, colours_differ
from podoba.images.compare.extent import extent_of_change
from podoba.images.compare.part import place_of_part
from podoba.images.compare.pixel_similarity import LUMA, SIDE, TURNS, Alike, Pixels, compare, turned
from podoba.images.compare.registration import Affine, box_map, scales
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
        framed: pairs of rows, the lower first, of which one may lie in a frame or a collage, whatever their distance.
        larger: the same images, of which those are looked at that are alike from afar.
    """

    items: Sequence[Item]
    pixels: Pixels
    descriptors: Floats
    typical: float
    larger: LargerImages
    framed: Mapping[tuple[int, int], Framed] = field(default_factory=dict)


@dataclass(frozen=True)
class _Guess:
    """What a pair may be, as far as small images tell.

    Attributes:
        whole, part: rows; of two that may be one picture the first and the second.
        turn: of the second.
        same: whether they may be the same picture.
        start: where the part may lie in the whole; None: on all of it.
    """

    whole: int
    part: int
    turn: int = 0
    same: bool = False
    start: Affine | None = None


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
    distance = 1 - np.einsum("pd,pd->p", images.descriptors[pairs[:, 0]], images.descriptors[pairs[:, 1]])
    alike = compare(images.pixels[pairs[:, 0]], images.pixels[pairs[:, 1]])
    links: dict[int, Link] = {}
    close = distance <= settings.part_distance * images.typical
    for guesses in _guesses(images, pairs, alike, close, settings):
        left = [(place, guess) for place, guess in guesses if place not in links]
        for start in range(0, len(left), settings.looked_at_once):
            some = left[start : start + settings.looked_at_once]
            rows = {row for _, guess in some for row in (guess.whole, guess.part)}
            larger = images.larger.of([images.items[row] for row in rows])
            for place, guess in some:
                link = _looked_at(images, larger, guess, settings)
                if link is not None:
                    links[place], close[place] = link, False  # what was found is not looked for as a part any more
    near = (distance <= settings.near_distance * images.typical) & (alike.correlation >= settings.near_correlation)
    for place in np.flatnonzero(near & (alike.turn == 0)).tolist():
        link = Link(int(pairs[place, 0]), int(pairs[place, 1]), NEAR, f"similarity {1 - distance[place]:.3f}")
        links.setdefault(place, link)
    return [links[place] for place in sorted(links)]


def _guesses(
    images: ComparedImages, pairs: Indices, alike: Alike, close: Mask, settings: DuplicateSettings
) -> Iterator[list[tuple[int, _Guess]]]:
    """By place in `pairs`, what they may be: one picture as it lies or turned, then one a part of the other, either way.

    Args:
        close: pairs that are looked for as parts, read again before each way.
    """
    same = is_same(alike, settings)
    edited = same | _is_edited(alike, settings)
    rows = pairs.tolist()
    turns, sames = alike.turn.tolist(), same.tolist()
    likely = np.flatnonzero(edited).tolist()
    yield [(place, _Guess(rows[place][0], rows[place][1], turns[place], sames[place])) for place in likely]
    again = np.flatnonzero(~edited & close & (alike.turn != 0))
    upright = _is_edited(compare(images.pixels[pairs[again, 0]], images.pixels[pairs[again, 1]], as_it_is=True), settings)
    yield [(place, _Guess(rows[place][0], rows[place][1])) for place in again[upright].tolist()]
    known = [images.framed.get((min(pair), max(pair))) for pair in rows]
    yield [(place, _Guess(pair.whole, pair.part, start=pair.start)) for place, pair in enumerate(known) if pair is not None]
    as_wholes = {*likely, *again[upright].tolist()}
    for whole, part in ((0, 1), (1, 0)):
        places = np.flatnonzero(close)
        found = _parts(images, places, pairs[places, whole], pairs[places, part], settings)
        yield [(place, guess) for place, guess in found if guess.start is not None or place not in as_wholes]
        as_wholes |= {place for place, guess in found if guess.start is None}


def _parts(
    images: ComparedImages, places: Indices, wholes: Indices, parts: Indices, settings: DuplicateSettings
) -> list[tuple[int, _Guess]]:
    """Where a part may lie, on 16x16 pixels."""
    if not len(places):
        return []
    whole, part = (_halved(images.pixels[rows]) for rows in (wholes, parts))
    widths = np.array(settings.part_widths, dtype=np.float32)
    found = find_part(whole, part, sizes(_shapes(images.items, wholes), _shapes(images.items, parts), widths))
    guesses = []
    for i in np.flatnonzero(found.score >= settings.part_correlation).tolist():
        all_of_it = found.box[i, 2:].min() >= settings.whole
        start = None if all_of_it else box_map(*found.box[i].tolist())
        guesses.append((int(places[i]), _Guess(int(wholes[i]), int(parts[i]), start=start)))
    return guesses


def _halved(pixels: Pixels) -> Floats:
    """Grey means (n, 16, 16) of small images."""
    halved: Floats = (pixels.astype(np.float32) @ LUMA).reshape(len(pixels), SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    return halved


def _shapes(items: Sequence[Item], rows: Indices) -> Floats:
    """Width and height (n, 2) in pixels; those of an imported item may be unknown, which is taken for a square."""
    return np.array([(max(1, items[row].width), max(1, items[row].height)) for row in rows], dtype=np.float32)


def _is_edited(alike: Alike, settings: DuplicateSettings) -> Mask:
    seen = (alike.agreement >= settings.edited_agreement) & (alike.contrast >= settings.edited_contrast)
    faint = alike.agreement >= settings.faint_agreement
    faint &= (alike.correlation >= settings.faint_correlation) & (alike.contrast >= settings.faint_contrast)
    either: Mask = seen | faint
    return either


def _looked_at(images: ComparedImages, larger: dict[str, Grey], guess: _Guess, settings: DuplicateSettings) -> Link | None:
    """What a pair is by its larger images; None where it is nothing, or where one of them cannot be read any more."""
    two = []
    for row in (guess.whole, guess.part):
        grey = larger.get(images.items[row].picture)
        if grey is None:
            return None
        two.append(TwoSizes(images.pixels[row], grey))
    first, second = two
    if guess.start is not None:
        place = place_of_part(first, second, guess.start, settings.part)
        return None if place is None else Link(guess.whole, guess.part, CHANGED, _part_in_words(place))
    turn, detail = lay_on(first, second, guess.turn, settings)
    colours = str(colours_differ(first.small[None], turned(second.small, turn)[None], settings.detail)[0])
    whole, part, in_words = guess.whole, guess.part, _turn_in_words(turn)
    if guess.same and not detail.changed.any() and not colours:
        return Link(whole, part, TURNED if turn else SAME, in_words)
    if _is_edit(detail, settings):
        facts = [f"{detail.same_of_textured:.0%} of it is the same", colours, in_words]
        return Link(whole, part, CHANGED, f"edited: {', '.join(fact for fact in facts if fact)}")
    if turn or (guess.same and detail.same_of_textured >= settings.aligned):
        return None
    place = place_of_part(first, second, box_map(0, 0, 1, 1), settings.part)
    return None if place is None else Link(whole, part, CHANGED, _part_in_words(place))


def _is_edit(detail: Detail, settings: DuplicateSettings) -> bool:
    if detail.same >= settings.edited_mostly_same or not detail.changed.any():
        return detail.same > 0
    if detail.same < settings.edited_same:
        return False
    extent = extent_of_change(detail, settings.extent)
    return extent.area <= settings.edited_area and extent.filled >= settings.edited_filled


def _part_in_words(place: Affine) -> str:
    across, down = scales(place)
    return f"a part: {min(1.0, across * down):.0%} of it"


def _turn_in_words(turn: int) -> str:
    mirrored, turned_by = turn >= 4, TURNS[turn % 4]
    if not turn:
        return ""
    return "mirrored" if turn == 4 else f"mirrored and {turned_by}" if mirrored else turned_by
