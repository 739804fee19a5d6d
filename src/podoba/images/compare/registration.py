"""One picture laid on another exactly: shifted, scaled, sheared and turned by a few degrees, by least squares.

Lucas and Kanade, "An iterative image registration technique with an application to stereo vision" (1981), with an affine map,
from coarse to fine, brightness and contrast fitted along.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.arrays import Floats, Mask

Grey = NDArray[np.uint8]
Affine = NDArray[np.float64]
"""A map (2, 3) from places in one picture to places in another, both counted as shares of their sides."""


@dataclass(frozen=True)
class RegistrationSettings:
    """How one picture is laid on another.

    Attributes:
        sides: pixels of the part's sides, from coarse to fine.
        steps: of least squares at each, at most.
        trusted: share of the pixels, those that agree best, that all steps but the first go by.
        still: change of the map, as a share of a pixel, below which no further step is made.
        correlation: after the steps at a side, below which it is given up.
        least: share of the part that must lie inside of the whole.
    """

    sides: tuple[int, ...] = (24, 56)
    steps: int = 4
    trusted: float = 0.8
    still: float = 0.05
    correlation: float = 0.88
    least: float = 0.6


REGISTRATION = RegistrationSettings()


def box_map(left: float, top: float, width: float, height: float) -> Affine:
    """The map of a part that lies in this box of the whole, in shares of its sides."""
    return np.array([[width, 0, left], [0, height, top]], dtype=np.float64)


def register(whole: Grey, part: Grey, start: Affine, settings: RegistrationSettings = REGISTRATION) -> Affine | None:
    """Where the part lies in the whole, from about where it does; None where it lies nowhere near.

    Args:
        whole, part: uint8 (H, W) each, both stretched to squares.
        start: of places in the part to places in the whole.
    """
    place = start
    pictures = [Image.fromarray(np.ascontiguousarray(picture)) for picture in (whole, part)]
    for side in settings.sides:
        reduced = _reduced(pictures[1], side, side)
        aim, size = np.asarray(reduced).astype(np.float32), reduced.size
        field = _reduced(pictures[0], *_resolution(place, size))
        for step in range(settings.steps):
            seen, inside = _sampled(field, place, size)
            if inside.mean() < settings.least:
                return None
            update = _update(aim, seen, inside, settings.trusted if step else 1.0)
            place = place @ np.vstack([update, [0, 0, 1]])
            if np.abs(update - np.eye(2, 3)).max() * side < settings.still:
                break
        if _correlation(aim, *_sampled(field, place, size)) < settings.correlation:
            return None
    return place


def laid_out(whole: Grey, place: Affine, size: tuple[int, int]) -> tuple[Grey, Mask]:
    """What of the whole lies where the part does, uint8 (height, width), and which of it is inside of the whole.

    Args:
        size: width and height in pixels.
    """
    field = _reduced(Image.fromarray(np.ascontiguousarray(whole)), *_resolution(place, size))
    seen, inside = _sampled(field, place, size)
    return seen.astype(np.uint8), inside


def scales(place: Affine) -> tuple[float, float]:
    """Width and height of the part as shares of the whole's."""
    return float(np.hypot(place[0, 0], place[1, 0])), float(np.hypot(place[0, 1], place[1, 1]))


def _resolution(place: Affine, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the whole at which a part has this size."""
    across, down = scales(place)
    return round(size[0] / max(across, 0.05)), round(size[1] / max(down, 0.05))


def _sampled(field: Image.Image, place: Affine, size: tuple[int, int]) -> tuple[Floats, Mask]:
    columns, rows = field.size
    width, height = size
    a, b, c = (columns * place[0] / np.array([width, height, 1])).tolist()
    d, e, f = (rows * place[1] / np.array([width, height, 1])).tolist()
    seen = field.transform(size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BICUBIC)
    u, v = _centres(width, height)
    corners = _inside(place, u[:, [0, -1]], v[[0, -1]], columns, rows)
    inside = np.ones((height, width), dtype=np.bool_) if corners.all() else _inside(place, u, v, columns, rows)
    return np.asarray(seen).astype(np.float32), inside


def _inside(place: Affine, u: Floats, v: Floats, columns: int, rows: int) -> Mask:
    """Which places (H, W) of a part lie in a whole of this size."""
    x, y = (place[axis, 0] * u + place[axis, 1] * v + place[axis, 2] for axis in (0, 1))
    inside: Mask = (x * columns >= 0.4) & ((1 - x) * columns >= 0.4) & (y * rows >= 0.4) & ((1 - y) * rows >= 0.4)
    return inside


def _update(aim: Floats, seen: Floats, inside: Mask, trusted: float) -> Affine:
    """The small map that brings what is seen onto the aim, by least squares."""
    height, width = aim.shape
    u, v = _centres(width, height)
    known = np.empty((8, height, width), dtype=np.float32)
    known[2, :, 1:-1] = (seen[:, 2:] - seen[:, :-2]) * np.float32(width / 2)
    known[2, :, [0, -1]] = ((seen[:, [1, -1]] - seen[:, [0, -2]]) * np.float32(width)).T
    known[5, 1:-1] = (seen[2:] - seen[:-2]) * np.float32(height / 2)
    known[5, [0, -1]] = (seen[[1, -1]] - seen[[0, -2]]) * np.float32(height)
    for slope, first in ((known[2], 0), (known[5], 3)):
        np.multiply(slope, u, out=known[first])
        np.multiply(slope, v, out=known[first + 1])
    known[6], known[7] = seen, 1
    rest = aim - seen
    weights = inside.astype(np.float32)
    if trusted < 1:
        error = np.abs(rest)
        among = error.ravel() if inside.all() else error[inside]
        rank = int(trusted * (len(among) - 1))
        weights *= error <= np.partition(among, rank)[rank]
    flat = known.reshape(8, -1)
    weighted = flat * weights.ravel()
    solved = np.linalg.solve((weighted @ flat.T).astype(np.float64) + np.eye(8), weighted @ rest.ravel())
    update: Affine = np.eye(2, 3) + np.clip(solved[:6].reshape(2, 3), -0.1, 0.1)
    return update


def _correlation(aim: Floats, seen: Floats, inside: Mask) -> float:
    if inside.sum() < 2:
        return 0.0
    x, y = (values[inside] - values[inside].mean() for values in (aim, seen))
    return float((x * y).sum() / max(np.sqrt((x * x).sum() * (y * y).sum()), 1e-3))


@lru_cache(maxsize=64)
def _centres(width: int, height: int) -> tuple[Floats, Floats]:
    across, down = ((np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(count) for count in (width, height))
    return across[None, :], down[:, None]


def _reduced(picture: Image.Image, width: int, height: int) -> Image.Image:
    """A picture reduced to at most this size."""
    size = (max(8, min(width, picture.width)), max(8, min(height, picture.height)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.BICUBIC)
