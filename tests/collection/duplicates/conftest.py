"""Generated photographs, and a collection of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection, index_sources
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

Indexed = Callable[[], Collection]


def make_photograph(seed: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Smooth coloured noise with some detail."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((size[1], size[0], 3), dtype=np.float32)
    for side, weight in ((3, 1.0), (6, 0.7), (12, 0.5), (30, 0.2)):
        coarse = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
        layers += weight * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    return Image.fromarray((layers / 2.4).astype(np.uint8))


@pytest.fixture
def photograph() -> Callable[..., Image.Image]:
    """Smooth coloured noise by a seed, and a size."""
    return make_photograph


def make_detailed(seed: int, size: tuple[int, int] = (240, 180)) -> Image.Image:
    """Coloured noise whose spectrum falls as that of a photograph does, down to the pixel."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(size[1])[:, None], np.fft.fftfreq(size[0])) + 1 / max(size)
    layers = [np.fft.ifft2(np.fft.fft2(rng.standard_normal(size[::-1])) / frequency**1.5).real for _ in range(3)]
    pixels = np.stack([128 + 45 * layer / layer.std() for layer in layers], axis=2)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.fixture
def detailed() -> Callable[..., Image.Image]:
    """Coloured noise with detail down to the pixel, by a seed and a size."""
    return make_detailed


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve different photographs as `0.png` to `11.png`."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(12):
        make_photograph(seed).save(folder / f"{seed}.png")
    return folder


@pytest.fixture
def indexed(photos: Path, encoder: Encoder, tmp_path: Path) -> Iterator[Indexed]:
    """Brings a collection of the photographs up to date and gives it."""
    with Collection.open(tmp_path / "photos.podoba", create=True) as collection:

        def update() -> Collection:
            index_sources(collection, [open_source(str(photos))], encoder)
            return collection

        yield update


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder that holds `real`, with three photographs, and `link`, which leads to it."""
    (tmp_path / "real").mkdir()
    for seed in range(3):
        make_photograph(seed).save(tmp_path / "real" / f"{seed}.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    return tmp_path
