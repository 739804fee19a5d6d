"""Thresholds by which two images are found and confirmed to be one, measured as docs/how-to/find-duplicates.md says."""

from dataclasses import dataclass

from podoba.images.compare.detail import DETAIL, DetailSettings
from podoba.images.compare.extent import EXTENT, ExtentSettings
from podoba.images.compare.part import PART, PartSettings


@dataclass(frozen=True)
class DuplicateSettings:
    """What is tuned of the search for duplicates.

    Pixels are those of the small images, 32x32, and levels are of 255. Distances between descriptors are 1 - cosine, as a share
    of the distance that is typical of strangers in the collection (`typical_distance`).

    Attributes:
        neighbours: of an image, with which it is compared, by its pixels and as many by its descriptor.
        invariant_similarity: cosine of the invariants of two images from which they are compared.
        framed_similarity: likewise once a frame is cut off or a collage is cut in two.
        exact_up_to: images up to which all pairs of invariants are compared; beyond it by an approximate index.
        pairs_at_once: pairs compared together by one thread.
        looked_at_once: of those, pairs whose larger images are in memory together.
        threads: that compare at most; each takes some 50 MB.
        stranger: the neighbour by descriptor, counted from the nearest, that is usually a stranger.
        random_share: the typical distance is at least this share of that between images drawn at random: where most images have
            many copies, the neighbours are no strangers.
        drawn: pairs drawn at random.
        candidate_distance: up to which neighbours by descriptor are compared.
        part_distance: up to which one image is looked for as a part of the other.
        near_distance, near_correlation: of images that are `near`: distance at most, and correlation of the pixels at least.
        same_difference, same_correlation, same_agreement: of the same picture, encoded or resized: root mean square difference of
            the levels at most, correlation and share of agreeing blocks at least.
        turn_correlation: by how much less the small images may correlate in another turn that is tried too.
        detail: when larger images of a pair show that something was changed.
        move_side: pixels of the sides of the squares on which a copy is compared once more before it is moved.
        edited_agreement, edited_contrast: of an edited picture: share of it that is the same up to brightness and contrast, and
            levels of contrast there, at least.
        faint_agreement, faint_correlation, faint_contrast: likewise of a faint picture, nearly all of which must agree.
        edited_same: share of the blocks of its larger image that have texture and are the same, at least.
        extent: which pixels were changed.
        edited_area: share of the picture that the rectangle around them covers, at most.
        edited_filled: share of that rectangle that was changed, at least: by a sticker, a caption or a line of text.
        edited_mostly_same: share of the blocks that are the same beyond which changes may lie anywhere.
        aligned: of what is one picture from afar, share of the textured blocks that are the same from which on it needs no shift.
        whole: share of the sides from which on a part is looked at as the whole, edited.
        part_widths: of a part, as shares of the whole's width, that are tried, on 16x16 pixels.
        part_correlation: of the part there, at least.
        part: what it must have in common with its place, on larger images.
    """

    neighbours: int = 6
    invariant_similarity: float = 0.95
    framed_similarity: float = 0.96
    exact_up_to: int = 65_000
    pairs_at_once: int = 512
    looked_at_once: int = 64
    threads: int = 4
    stranger: int = 10
    random_share: float = 0.5
    drawn: int = 1000
    candidate_distance: float = 0.9
    part_distance: float = 0.85
    near_distance: float = 0.25
    near_correlation: float = 0.5
    same_difference: float = 12.0
    same_correlation: float = 0.95
    same_agreement: float = 0.6
    turn_correlation: float = 0.005
    detail: DetailSettings = DETAIL
    move_side: int = 512
    edited_agreement: float = 0.5
    edited_contrast: float = 12.0
    faint_agreement: float = 0.9
    faint_correlation: float = 0.97
    faint_contrast: float = 6.0
    edited_same: float = 0.25
    extent: ExtentSettings = EXTENT
    edited_area: float = 0.27
    edited_filled: float = 0.4
    edited_mostly_same: float = 0.78
    aligned: float = 0.4
    whole: float = 0.97
    part_widths: tuple[float, ...] = tuple(1 / 1.1**step for step in range(10))
    part_correlation: float = 0.775
    part: PartSettings = PART


DEFAULT = DuplicateSettings()
