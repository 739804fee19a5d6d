"""What is inside of a frame of one colour, and the halves of a collage of two, cut out of small pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.arrays import Floats, Indices, Mask
from podoba.images.compare.pixel_similarity import LUMA, SIDE, Pixels


@dataclass(frozen=True)
class FrameSettings:
    """What is taken for a frame or a seam.

    Attributes:
        plain: difference from the mean colour of the outermost line, in levels of 255, that a line of a frame has at most.
        least: pixels of 32 that are left inside of a frame, at least.
        seam: how many times as much two halves differ at their seam as lines side by side elsewhere.
        step: levels of 255 by which they differ there at least.
    """

    plain: int = 14
    least: int = 12
    seam: float = 2.5
    step: float = 15.0


FRAMES = FrameSettings()


@dataclass(frozen=True)
class CutOut:
    """Parts of pictures that may be pictures of their own.

    Attributes:
        rows: of which picture each part is, int64 (m,).
        boxes: left, top, width and height of each, shares of the picture's sides, float64 (m, 4).
        pixels: the parts, each stretched to a square, uint8 (m, 32, 32, 3).
    """

    rows: Indices
    boxes: NDArray[np.float64]
    pixels: Pixels


def cut_out(pixels: Pixels, settings: FrameSettings = FRAMES) -> CutOut:
    """What is inside of frames, and the halves of what may be collages, of pictures uint8 (n, 32, 32, 3)."""
    rows: list[int] = []
    places: list[tuple[int, int, int, int]] = []
    parts: list[Pixels] = []
    left, right, top, bottom = _margins(pixels, settings)
    grey = pixels.astype(np.float32) @ LUMA
    seams = [_has_seam(grey, settings), _has_seam(grey.swapaxes(1, 2), settings)]
    half = SIDE // 2
    wide, high = left + right, top + bottom
    has_frame = (np.maximum(wide, high) > 0) & (np.maximum(wide, high) <= SIDE - settings.least)
    for row in np.flatnonzero(has_frame | seams[0] | seams[1]).tolist():
        inner: list[tuple[int, int, int, int]] = []
        if has_frame[row]:
            inner = [(int(left[row]), int(top[row]), SIDE - int(right[row]), SIDE - int(bottom[row]))]
        inner += [(0, 0, half, SIDE), (half, 0, SIDE, SIDE)] if seams[0][row] else []
        inner += [(0, 0, SIDE, half), (0, half, SIDE, SIDE)] if seams[1][row] else []
        picture = Image.fromarray(pixels[row])
        rows += [row] * len(inner)
        places += inner
        parts += [np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)) for box in inner]
    corners = np.array(places, dtype=np.float64).reshape(-1, 4) / SIDE
    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    return CutOut(np.array(rows, dtype=np.int64), boxes, np.array(parts, dtype=np.uint8).reshape(-1, SIDE, SIDE, 3))


def _margins(pixels: Pixels, settings: FrameSettings) -> tuple[Indices, Indices, Indices, Indices]:
    """Lines of one colour on the left, the right, at the top and the bottom of each picture, int64 (n,) each."""
    counts = []
    for lines in (pixels.swapaxes(1, 2), pixels.swapaxes(1, 2)[:, ::-1], pixels, pixels[:, ::-1]):
        colour = lines[:, 0].mean(axis=1).astype(np.int16)[:, None, None]
        plain = (np.abs(lines.astype(np.int16) - colour) <= settings.plain).all(axis=(2, 3))
        count = np.cumprod(plain, axis=1).sum(axis=1)
        # The line beside a frame is a mixture of both.
        counts.append(np.where((count > 0) & (count < SIDE), np.minimum(count + 1, SIDE), 0).astype(np.int64))
    return counts[0], counts[1], counts[2], counts[3]


def _has_seam(grey: Floats, settings: FrameSettings) -> Mask:
    """Whether the two middle columns of pictures (n, 32, 32) differ far more than other neighbours do."""
    steps = np.abs(np.diff(grey, axis=2)).mean(axis=1)
    middle = SIDE // 2 - 1
    usual = np.median(steps, axis=1)
    seam: Mask = (steps[:, middle] >= settings.step) & (steps[:, middle] >= settings.seam * usual)
    return seam
