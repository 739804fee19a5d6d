"""Whether one picture lies in another, as a part, in a frame, or turned by a few degrees: in its detail and in its colours."""

from dataclasses import dataclass, field

import numpy as np

from podoba.images.compare.detail import Detail, DetailSettings, TwoSizes, colours_differ, compare_detail
from podoba.images.compare.pixel_similarity import SIDE, Pixels
from podoba.images.compare.registration import REGISTRATION, Affine, RegistrationSettings, laid_out, register, scales


@dataclass(frozen=True)
class PartSettings:
    """What a part has in common with the place where it lies.

    Attributes:
        same: share of its blocks that have texture and are the same, at least: flat ones count for nothing.
        same_of_textured: and in relation to all that have texture or were changed.
        unsure: that share from which on it is laid there once more, finer.
        registration, finer: how it is laid there.
        detail: when a block and a colour are others.
    """

    same: float = 0.25
    same_of_textured: float = 0.88
    unsure: float = 0.5
    registration: RegistrationSettings = REGISTRATION
    finer: RegistrationSettings = field(default_factory=lambda: RegistrationSettings(sides=(112,)))
    detail: DetailSettings = field(default_factory=lambda: DetailSettings(hue=5.0, hue_share=0.4, hue_place=60.0))


PART = PartSettings()


def place_of_part(whole: TwoSizes, part: TwoSizes, start: Affine, settings: PartSettings = PART) -> Affine | None:
    """Where the part lies in the whole, from about where it may; None where it is none.

    Args:
        start: of places in the part to places in the whole, as `box_map`.
    """
    place = register(whole.grey, part.grey, start, settings.registration)
    if place is None:
        return None
    detail = _detail_there(whole, part, place, settings)
    if not _agrees(detail, settings) and detail.same_of_textured >= settings.unsure:
        place = register(whole.grey, part.grey, place, settings.finer)
        if place is None:
            return None
        detail = _detail_there(whole, part, place, settings)
    if not _agrees(detail, settings):
        return None
    there = _colours_there(whole.small, part.small, place)
    return None if colours_differ(part.small[None], there[None], settings.detail)[0] else place


def _agrees(detail: Detail, settings: PartSettings) -> bool:
    return detail.same >= settings.same and detail.same_of_textured >= settings.same_of_textured


def _detail_there(whole: TwoSizes, part: TwoSizes, place: Affine, settings: PartSettings) -> Detail:
    across, down = scales(place)
    (high, wide), (rows, columns) = part.grey.shape, whole.grey.shape
    least = 2 * settings.detail.block
    size = (max(least, min(wide, round(columns * across))), max(least, min(high, round(rows * down))))
    seen, inside = laid_out(whole.grey, place, size)
    return compare_detail(part.grey, seen, settings.detail, inside)


def _colours_there(whole: Pixels, part: Pixels, place: Affine) -> Pixels:
    """The small whole where the part lies, and the part itself where that is outside, uint8 (32, 32, 3)."""
    bands = [laid_out(whole[..., band], place, (SIDE, SIDE)) for band in range(3)]
    return np.stack([np.where(inside, seen, part[..., band]) for band, (seen, inside) in enumerate(bands)], axis=2)
