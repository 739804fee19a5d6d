"""Images with copies planted among them, of every kind that `podoba duplicates` tells apart, and others that only look alike."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from lookalikes import KINDS, lookalike, scene
from podoba.images.decode import decode
from podoba.images.sources.open import open_source

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _scaled(picture: Image.Image, share: float) -> Image.Image:
    size = (max(8, round(picture.width * share)), max(8, round(picture.height * share)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _cropped(picture: Image.Image, across: float, down: float, rng: np.random.Generator) -> Image.Image:
    width, height = round(picture.width * across), round(picture.height * down)
    left, top = int(rng.integers(0, picture.width - width + 1)), int(rng.integers(0, picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def _halved(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    return _cropped(picture, 0.5, 1.0, rng) if rng.random() < 0.5 else _cropped(picture, 1.0, 0.5, rng)


def _captioned(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    top = int(picture.height * 0.8)
    draw.rectangle((0, top, picture.width, picture.height), fill="white")
    draw.text((2, top + 1), "a caption", fill="black")
    return picture


def _written_across(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    size = max(8, picture.width // 6)
    place = (picture.width * 0.05, picture.height / 2 - size / 2)
    ImageDraw.Draw(picture).text(place, "SALE TODAY", font_size=size, fill="white", stroke_width=1, stroke_fill="black")
    return picture


def _watermarked(picture: Image.Image) -> Image.Image:
    veil = Image.new("L", picture.size, 0)
    place = (picture.width * 0.15, picture.height * 0.42)
    ImageDraw.Draw(veil).text(place, "SAMPLE", font_size=max(8, picture.width // 6), fill=90)
    return Image.composite(Image.new("RGB", picture.size, "white"), picture, veil)


def _stickered(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    picture = picture.copy()
    radius = min(picture.size) * 0.12
    x, y = (float(rng.uniform(radius, side - radius)) for side in picture.size)
    colour = tuple(int(value) for value in rng.integers(0, 256, 3))
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture


def _framed(picture: Image.Image, across: float, down: float, colour: str) -> Image.Image:
    """With so much of its sides added on either side."""
    left, top = round(picture.width * across), round(picture.height * down)
    whole = Image.new("RGB", (picture.width + 2 * left, picture.height + 2 * top), colour)
    whole.paste(picture, (left, top))
    return whole


def _beside_another(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    other = scene(rng, picture.size)
    whole = Image.new("RGB", (2 * picture.width, picture.height))
    first, second = (picture, other) if rng.random() < 0.5 else (other, picture)
    whole.paste(first, (0, 0))
    whole.paste(second, (picture.width, 0))
    return whole


# Kind -> what is done to a picture, by name.
CHANGES: dict[str, dict[str, Change]] = {
    "same picture": {
        "JPEG, quality 40": lambda picture, rng: picture,
        "half the size": lambda picture, rng: _scaled(picture, 0.5),
        "one and a half times the size": lambda picture, rng: _scaled(picture, 1.5),
    },
    "flipped or rotated": {
        "mirrored": lambda picture, rng: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "turned by 90 degrees": lambda picture, rng: picture.transpose(Image.Transpose.ROTATE_90),
        "turned by 180 degrees": lambda picture, rng: picture.transpose(Image.Transpose.ROTATE_180),
    },
    "cropped or edited": {
        "90% of each side": lambda picture, rng: _cropped(picture, 0.9, 0.9, rng),
        "75% of each side": lambda picture, rng: _cropped(picture, 0.75, 0.75, rng),
        "half of it": _halved,
        "darker by a third": lambda picture, rng: picture.point(lambda value: value * 2 // 3),
        "without colour": lambda picture, rng: picture.convert("L").convert("RGB"),
        "stronger colours": lambda picture, rng: ImageEnhance.Color(picture).enhance(1.6),
        "a watermark": lambda picture, rng: _watermarked(picture),
        "a sticker": _stickered,
        "a caption over a fifth": lambda picture, rng: _captioned(picture),
        "text across": lambda picture, rng: _written_across(picture),
        "a border": lambda picture, rng: _framed(picture, 0.05, 0.05, "black"),
        "white margins": lambda picture, rng: _framed(picture, 0.25, 0.25, "white"),
        "black bars": lambda picture, rng: _framed(picture, 0.0, 0.4, "black"),
        "a collage of two": _beside_another,
        "turned by 5 degrees": lambda picture, rng: picture.rotate(5, Image.Resampling.BICUBIC),
    },
}
QUALITIES = {"JPEG, quality 40": 40}


def plant(
    specs: list[str], count: int, share: float, folder: Path, seed: int = 0, look_alike: int = 0
) -> dict[str, list[tuple[str, str]]]:
    """Write `count` images of the sources, and for a share of them one changed copy each, all as JPEG.

    Args:
        look_alike: pictures of each kind of `lookalikes`, as `KIND-NUMBER.jpg`; a third of them get a copy of the same picture.

    Returns:
        by change: pairs (name of the original, name of the copy).
    """
    rng = np.random.default_rng(seed)
    records = [record for spec in specs for record in open_source(spec).records]
    chosen = [records[row] for row in rng.permutation(len(records))[:count]]
    changes = [(name, change) for kind in CHANGES.values() for name, change in kind.items()]
    pairs: dict[str, list[tuple[str, str]]] = {name: [] for name, _ in changes}
    folder.mkdir(parents=True)
    copied = rng.permutation(len(chosen))[: round(share * len(chosen))].tolist()
    for number, record in enumerate(chosen):
        _save(decode(record.open(), record.uri), folder / f"{number}.jpg", 95)
    for turn, number in enumerate(copied):
        name, change = changes[turn % len(changes)]
        original = decode((folder / f"{number}.jpg").read_bytes(), f"{number}.jpg")
        _save(change(original, rng), folder / f"{number}-copy.jpg", QUALITIES.get(name, 90))
        pairs[name].append((f"{number}.jpg", f"{number}-copy.jpg"))
    for kind in KINDS:
        for number in range(look_alike):
            picture, name = lookalike(kind, number), f"{kind}-{number}"
            _save(picture, folder / f"{name}.jpg", 95)
            if number % 3 == 0:
                how, change = list(CHANGES["same picture"].items())[number // 3 % 3]
                _save(change(picture, rng), folder / f"{name}-copy.jpg", QUALITIES.get(how, 90))
                pairs[how].append((f"{name}.jpg", f"{name}-copy.jpg"))
    return pairs


def looks_like(pair: tuple[str, str]) -> str | None:
    """The kind of `lookalikes` of which both pictures of a pair are."""
    kinds = {name.split("-")[0] for name in pair}
    return kinds.pop() if len(kinds) == 1 and kinds <= KINDS.keys() else None


def _save(picture: Image.Image, path: Path, quality: int) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    path.write_bytes(buffer.getvalue())
