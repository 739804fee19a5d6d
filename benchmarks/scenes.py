"""Pictures that look like photographs from afar: hills, sea, town at night, flowers; drawn by code, each from a number.

For pages that show pictures, in tests and in the documentation: nothing of anybody's is in them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Draw = Callable[[np.random.Generator, Image.Image], None]
Colour = tuple[int, int, int]
SHAPES = (
    (480, 320),
    (320, 480),
    (480, 360),
    (400, 400),
    (560, 280),
    (360, 480),
)  # width and height: as cameras have them, and wider


def scene(kind: str, number: int) -> Image.Image:
    """A picture of a kind in `KINDS`, the same for the same number."""
    rng = np.random.default_rng([sorted(KINDS).index(kind), number])
    width, height = SHAPES[rng.integers(len(SHAPES))]
    picture = Image.new("RGB", (width, height))
    KINDS[kind](rng, picture)
    return _grain(rng, picture.filter(ImageFilter.GaussianBlur(0.8)))


def hills(rng: np.random.Generator, picture: Image.Image) -> None:
    """Ranges of hills behind each other, paler the further they are."""
    width, height = picture.size
    warm = rng.random() < 0.5
    _sky(picture, (236, 178, 120) if warm else (150, 190, 225), (250, 226, 190) if warm else (225, 236, 242))
    draw = ImageDraw.Draw(picture)
    _disc(draw, (width * rng.uniform(0.2, 0.8), height * rng.uniform(0.15, 0.4)), height * 0.06, (255, 244, 214))
    near: Colour = (58, 62, 48) if warm else (38, 66, 52)
    far: Colour = (206, 150, 120) if warm else (150, 180, 190)
    for layer in range(5):
        part = layer / 4
        _ridge(rng, draw, picture.size, 0.45 + 0.12 * layer, 0.10, _mix(far, near, part))


def sea(rng: np.random.Generator, picture: Image.Image) -> None:
    """Water below a sky with clouds, and sometimes a sail."""
    width, height = picture.size
    _sky(picture, (90, 150, 205), (214, 232, 240))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(3, 8))):
        x, y = width * rng.random(), height * rng.uniform(0.05, 0.4)
        for _ in range(6):
            _disc(draw, (x + rng.normal(0, width * 0.05), y + rng.normal(0, 5)), rng.uniform(8, 22), (244, 247, 250))
    horizon = int(height * rng.uniform(0.5, 0.65))
    for row in range(horizon, height):
        part = (row - horizon) / max(height - horizon, 1)
        draw.line((0, row, width, row), fill=_mix((40, 110, 150), (18, 62, 92), part))
    for _ in range(160):
        x, y = rng.random() * width, rng.uniform(horizon, height)
        length = 4 + 26 * (y - horizon) / height
        draw.line((x, y, x + length, y), fill=(150, 196, 214))
    if rng.random() < 0.7:
        x, size = width * rng.uniform(0.25, 0.75), height * rng.uniform(0.1, 0.2)
        draw.polygon([(x, horizon - size), (x, horizon + 2), (x + size * 0.55, horizon + 2)], fill=(252, 250, 244))
        draw.polygon(
            [
                (x - size * 0.4, horizon + 3),
                (x + size * 0.6, horizon + 3),
                (x + size * 0.4, horizon + 10),
                (x - size * 0.2, horizon + 10),
            ],
            fill=(120, 50, 40),
        )


def night(rng: np.random.Generator, picture: Image.Image) -> None:
    """Houses of a town with lit windows under stars."""
    width, height = picture.size
    _sky(picture, (12, 16, 38), (62, 50, 92))
    draw = ImageDraw.Draw(picture)
    for _ in range(70):
        draw.point((rng.random() * width, rng.random() * height * 0.6), fill=(220, 220, 235))
    _disc(draw, (width * rng.uniform(0.1, 0.9), height * 0.16), height * 0.05, (244, 238, 214))
    x = -10.0
    while x < width:
        house, top = rng.uniform(28, 70), height * rng.uniform(0.35, 0.75)
        draw.rectangle((x, top, x + house, height), fill=_mix((18, 20, 34), (40, 38, 58), rng.random()))
        for left in np.arange(x + 5, x + house - 8, 11):
            for upper in np.arange(top + 7, height - 8, 14):
                if rng.random() < 0.42:
                    draw.rectangle((left, upper, left + 5, upper + 7), fill=(250, 206, 120))
        x += house + rng.uniform(0, 5)


def flower(rng: np.random.Generator, picture: Image.Image) -> None:
    """One large flower before leaves that are out of focus."""
    width, height = picture.size
    picture.paste((46, 84, 48), (0, 0, width, height))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        _disc(
            draw,
            (rng.random() * width, rng.random() * height),
            rng.uniform(10, 48),
            _mix((30, 70, 40), (122, 160, 84), rng.random()),
        )
    picture.paste(picture.filter(ImageFilter.GaussianBlur(9)))
    draw = ImageDraw.Draw(picture)
    colours: tuple[Colour, ...] = ((232, 92, 132), (246, 196, 60), (158, 104, 206), (244, 240, 236), (226, 70, 54))
    colour = colours[rng.integers(len(colours))]
    x, y, size = width * rng.uniform(0.4, 0.6), height * rng.uniform(0.4, 0.6), min(width, height) * rng.uniform(0.15, 0.2)
    draw.line((x, y, x + rng.normal(0, 20), height), fill=(58, 108, 50), width=7)
    petals = int(rng.integers(7, 14))
    for petal in range(petals):
        angle = 2 * np.pi * petal / petals
        shade = _mix(colour, (255, 255, 255), 0.25 * (petal % 2))
        _disc(draw, (x + size * np.cos(angle), y + size * np.sin(angle)), size * 0.62, shade)
    _disc(draw, (x, y), size * 0.55, (122, 78, 30) if colour[2] < 200 else (236, 190, 60))


def forest(rng: np.random.Generator, picture: Image.Image) -> None:
    """Trunks in mist."""
    width, height = picture.size
    _sky(picture, (206, 216, 200), (150, 170, 140))
    draw = ImageDraw.Draw(picture)
    for layer in range(4):
        colour = _mix((160, 176, 158), (36, 40, 30), layer / 3)
        for _ in range(9 - layer):
            x, thick = rng.random() * width, 3 + 5 * layer * rng.uniform(0.6, 1.2)
            draw.polygon(
                [
                    (x, 0),
                    (x + thick, 0),
                    (x + thick * 1.4, height * (0.7 + 0.09 * layer)),
                    (x - thick * 0.4, height * (0.7 + 0.09 * layer)),
                ],
                fill=colour,
            )
            for _ in range(10):
                _disc(
                    draw,
                    (x + rng.normal(0, 26), rng.uniform(-10, height * 0.3)),
                    rng.uniform(6, 22),
                    _mix(colour, (84, 128, 62), 0.5),
                )
        _ridge(rng, draw, picture.size, 0.72 + 0.08 * layer, 0.03, _mix((140, 160, 120), (52, 74, 40), layer / 3))


def still_life(rng: np.random.Generator, picture: Image.Image) -> None:
    """Fruit on a table before a wall."""
    width, height = picture.size
    wall: tuple[Colour, ...] = ((214, 206, 190), (120, 138, 150), (186, 160, 150), (70, 78, 84))
    _sky(picture, wall[rng.integers(len(wall))], (232, 226, 214))
    draw = ImageDraw.Draw(picture)
    table = height * rng.uniform(0.6, 0.7)
    draw.rectangle((0, table, width, height), fill=(122, 82, 54))
    for row in range(int(table), height, 6):
        draw.line((0, row, width, row + rng.normal(0, 2)), fill=(108, 72, 46))
    colours: tuple[Colour, ...] = ((206, 48, 44), (238, 150, 40), (146, 178, 60), (244, 210, 76), (96, 50, 90))
    for _ in range(int(rng.integers(2, 6))):
        size = min(width, height) * rng.uniform(0.1, 0.17)
        x, y, colour = rng.uniform(size, width - size), table + rng.uniform(-0.2, 0.8) * size, colours[rng.integers(len(colours))]
        _disc(draw, (x + 6, y + size * 0.82), size * 0.8, (84, 54, 34))
        for step in range(8):
            _disc(
                draw,
                (x - step * size * 0.035, y - step * size * 0.035),
                size * (1 - step / 9),
                _mix(colour, (255, 250, 236), step / 14),
            )


KINDS: dict[str, Draw] = {
    "flower": flower, "forest": forest, "hills": hills, "night": night, "sea": sea, "still life": still_life,
}  # fmt: skip


def _sky(picture: Image.Image, top: Colour, bottom: Colour) -> None:
    ramp = np.linspace(0, 1, picture.height)[:, None, None]
    pixels: NDArray[np.float64] = np.asarray(top) * (1 - ramp) + np.asarray(bottom) * ramp
    picture.paste(Image.fromarray(np.broadcast_to(pixels, (picture.height, picture.width, 3)).astype(np.uint8)))


def _ridge(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: tuple[int, int], at: float, rough: float, colour: Colour
) -> None:
    width, height = size
    x = np.arange(0, width + 4, 4)
    waves = sum(np.sin(2 * np.pi * (x / width * (1.5**octave) + rng.random())) / (octave + 1) for octave in range(1, 5))
    points = [(float(a), float(b)) for a, b in zip(x, height * (at + rough * np.asarray(waves)), strict=True)]
    draw.polygon([*points, (width, height), (0, height)], fill=colour)


def _disc(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _mix(first: Colour, second: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _grain(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """The picture with the light falling off to its corners, and noise as a camera has it."""
    pixels = np.asarray(picture).astype(np.float64)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    pixels *= (1 - 0.16 * (x**2 + y**2))[..., None]
    pixels += rng.normal(0, 4, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
