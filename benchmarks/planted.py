"""Images with copies planted among them, of every kind that `podoba duplicates` tells apart."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from podoba.images.decode import decode
from podoba.images.sources.open import open_source

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _scaled(picture: Image.Image, share: float) -> Image.Image:
    size = (max(8, round(picture.width * share)), max(8, round(picture.height * share)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _cropped(picture: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    width, height = round(picture.width * share), round(picture.height * share)
    left, top = int(rng.integers(0, picture.width - width + 1)), int(rng.integers(0, picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def _captioned(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    top = int(picture.height * 0.8)
    draw.rectangle((0, top, picture.width, picture.height), fill="white")
    draw.text((2, top + 1), "a caption", fill="black")
    return picture


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
        "90% of each side": lambda picture, rng: _cropped(picture, 0.9, rng),
        "75% of each side": lambda picture, rng: _cropped(picture, 0.75, rng),
        "darker by a third": lambda picture, rng: picture.point(lambda value: value * 2 // 3),
        "a caption over a fifth": lambda picture, rng: _captioned(picture),
    },
}
QUALITIES = {"JPEG, quality 40": 40}


def plant(specs: list[str], count: int, share: float, folder: Path, seed: int = 0) -> dict[str, list[tuple[str, str]]]:
    """Write `count` images of the sources, and for a share of them one changed copy each, all as JPEG.

    Returns:
        by change: pairs (name of the original, name of the copy).
    """
    rng = np.random.default_rng(seed)
    records = [record for spec in specs for record in open_source(spec).records]
    chosen = [records[row] for row in rng.permutation(len(records))[:count]]
    changes = [(name, change) for kind in CHANGES.values() for name, change in kind.items()]
    pairs: dict[str, list[tuple[str, str]]] = {name: [] for name, _ in changes}
    folder.mkdir(parents=True)
    copied = set(rng.permutation(len(chosen))[: round(share * len(chosen))].tolist())
    for number, record in enumerate(chosen):
        picture = decode(record.open(), record.uri)
        original = f"{number}.jpg"
        (folder / original).write_bytes(_jpeg(picture, 95))
        if number in copied:
            name, change = changes[number % len(changes)]
            copy = f"{number}-copy.jpg"
            (folder / copy).write_bytes(_jpeg(change(picture, rng), QUALITIES.get(name, 90)))
            pairs[name].append((original, copy))
    return pairs


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
