"""Whether two images are one picture; two files are looked at once more, larger, right before one of them is moved."""

import numpy as np
from PIL import Image

from podoba.arrays import Mask
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.errors import UnreadableImage
from podoba.images.compare.detail import Detail, TwoSizes, colours_differ, compare_detail, grey_square
from podoba.images.compare.pixel_similarity import SIDE, Alike, compare, turn_correlations, turned
from podoba.images.decode import decode_pixels, picture_pixels
from podoba.images.resize import PixelRule


def is_same(alike: Alike, settings: DuplicateSettings = DEFAULT) -> Mask:
    """Which pairs (P,) are one picture as far as 32x32 pixels tell."""
    same: Mask = (
        (alike.difference <= settings.same_difference)
        & (alike.correlation >= settings.same_correlation)
        & (alike.agreement >= settings.same_agreement)
    )
    return same


def lay_on(first: TwoSizes, second: TwoSizes, turn: int, settings: DuplicateSettings = DEFAULT) -> tuple[int, Detail]:
    """The blocks of two pictures in this turn of the second, or in another one in which they are the same.

    From afar the turn of a picture that is symmetric but for some small print is not known.
    """
    detail = _laid(first, second, turn, settings)
    if not detail.changed.any():
        return turn, detail
    correlations = turn_correlations(first.small[None], second.small[None])[0]
    least = max(settings.same_correlation, correlations[turn] - settings.turn_correlation)
    for other in np.flatnonzero((correlations >= least) & (np.arange(len(correlations)) != turn)).tolist():
        alike = compare(first.small[None], turned(second.small, other)[None], as_it_is=True)
        if is_same(alike, settings)[0]:
            better = _laid(first, second, other, settings)
            if not better.changed.any():
                return other, better
    return turn, detail


def differs(keep: bytes, copy: bytes, settings: DuplicateSettings = DEFAULT) -> str | None:
    """Why two encoded images are not one picture; None where they are, as it is, turned or mirrored, re-encoded or resized.

    They are compared as the pairs are that `podoba duplicates` calls the same picture, but on larger squares: smaller print is
    seen than when they were found.

    Returns:
        what a person is told of the copy, such as "shows another picture than the one to keep".
    """
    if keep == copy:
        return None
    pictures = []
    for data, name in ((keep, "the one to keep"), (copy, "it")):
        try:
            pictures.append(_two_sizes(data, name, settings.move_side))
        except UnreadableImage as error:
            return f"{name} cannot be decoded: {error.reason}"
    first, second = pictures
    alike = compare(first.small[None], second.small[None])
    if not is_same(alike, settings)[0]:
        return "shows another picture than the one to keep"
    turn, detail = lay_on(first, second, int(alike.turn[0]), settings)
    if detail.changed.any():
        return "differs in its detail from the one to keep"
    colours = str(colours_differ(first.small[None], turned(second.small, turn)[None], settings.detail)[0])
    return f"is not of the colours of the one to keep: {colours}" if colours else None


def _two_sizes(data: bytes, name: str, side: int) -> TwoSizes:
    decoded = decode_pixels(data, name, PixelRule(side))
    small = picture_pixels(Image.fromarray(decoded.pixels), name, PixelRule(SIDE))
    return TwoSizes(small, grey_square(decoded.pixels, decoded.width, decoded.height))


def _laid(first: TwoSizes, second: TwoSizes, turn: int, settings: DuplicateSettings) -> Detail:
    return compare_detail(first.grey, turned(second.grey[..., None], turn)[..., 0], settings.detail)
