"""An enlargement has no more detail than its original, and a reduced copy has less."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from podoba.images.compare.enlargement import detail_of

Resampling = Image.Resampling


def photograph(seed: int, side: int = 400) -> Image.Image:
    """Noise whose spectrum falls as that of photographs does, here down to the pixel."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)) + 1 / side
    layers = [np.fft.ifft2(np.fft.fft2(rng.standard_normal((side, side))) / frequency**1.5).real for _ in range(3)]
    pixels = np.stack([128 + 45 * layer / layer.std() for layer in layers], axis=2)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).crop((0, 0, side, 3 * side // 4))


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


def measured(picture: Image.Image) -> float:
    return detail_of(np.asarray(picture))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("quality", "least"), [(None, 0.95), (90, 0.95), (60, 0.75)])
def test_a_photograph_has_the_detail_of_its_pixels(seed: int, quality: int | None, least: float) -> None:
    picture = photograph(seed)
    assert measured(picture if quality is None else jpeg(picture, quality)) > least * 400


@pytest.mark.parametrize("how", [Resampling.BICUBIC, Resampling.LANCZOS])
@pytest.mark.parametrize(("factor", "quality"), [(1.25, None), (1.5, 90), (2, None), (2, 90), (3, 90)])
def test_an_enlargement_has_that_of_its_original(factor: float, how: Resampling, quality: int | None) -> None:
    original = jpeg(photograph(5), 90)
    larger = original.resize((round(factor * original.width), round(factor * original.height)), how)
    found = measured(larger if quality is None else jpeg(larger, quality))
    assert 0.8 < found / measured(original) < 1.25


@pytest.mark.parametrize("factor", [0.75, 0.5, 0.25])
@pytest.mark.parametrize("quality", [None, 60])
def test_a_reduced_copy_has_less(factor: float, quality: int | None) -> None:
    original = photograph(6)
    smaller = original.resize((round(factor * original.width), round(factor * original.height)), Resampling.LANCZOS)
    found = measured(smaller if quality is None else jpeg(smaller, quality))
    assert 0.75 * factor < found / measured(original) < 1.1 * factor


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (7, 3), (200, 2)])
def test_small_and_flat_pictures_have_some(size: tuple[int, int]) -> None:
    assert 0 < measured(Image.new("RGB", size, (9, 9, 9))) <= max(size)
