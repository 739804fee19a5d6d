"""Pictures laid on each other: the map that was used to cut a part out is found again."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalikes import scene
from podoba.images.compare.registration import RegistrationSettings, box_map, laid_out, register, scales


def grey(picture: Image.Image, side: int = 256) -> np.ndarray:
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC).convert("L"))


@pytest.fixture
def picture() -> Image.Image:
    """Something like a photograph, 400x400."""
    return scene(np.random.default_rng(4), (400, 400))


@pytest.mark.parametrize("box", [(0.1, 0.2, 0.7, 0.6), (0.0, 0.0, 0.5, 1.0), (0.3, 0.3, 0.45, 0.45)])
def test_a_part_is_found_from_nearby(picture: Image.Image, box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    part = picture.crop((round(400 * left), round(400 * top), round(400 * (left + width)), round(400 * (top + height))))
    start = box_map(left + 0.02, top - 0.015, width - 0.015, height + 0.02)
    found = register(grey(picture), grey(part), start)
    assert found is not None
    np.testing.assert_allclose(found, box_map(*box), atol=1.5 / 256)
    assert scales(found) == pytest.approx((width, height), abs=0.01)


@pytest.mark.parametrize("degrees", [-5, 3, 5])
def test_a_turn_by_a_few_degrees_is_found(picture: Image.Image, degrees: float) -> None:
    found = register(grey(picture), grey(picture.rotate(degrees, Image.Resampling.BICUBIC)), box_map(0, 0, 1, 1))
    assert found is not None
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    np.testing.assert_allclose(found[:, :2], [[cos, -sin], [sin, cos]], atol=0.01)


def test_brightness_and_contrast_do_not_matter(picture: Image.Image) -> None:
    darker = picture.point(lambda value: 20 + value // 2).crop((40, 40, 360, 360))
    found = register(grey(picture), grey(darker), box_map(0.12, 0.09, 0.8, 0.8))
    assert found is not None
    np.testing.assert_allclose(found, box_map(0.1, 0.1, 0.8, 0.8), atol=1.5 / 256)


def test_strangers_lie_nowhere(picture: Image.Image) -> None:
    for number in range(20, 30):
        other = scene(np.random.default_rng(number), (400, 400))
        assert register(grey(picture), grey(other), box_map(0.1, 0.1, 0.8, 0.8)) is None
    assert register(grey(picture), grey(picture), box_map(0.7, 0.7, 1.0, 1.0)) is None


def test_the_settings_decide(picture: Image.Image) -> None:
    part = picture.crop((40, 40, 360, 360))
    assert register(grey(picture), grey(part), box_map(0.1, 0.1, 0.8, 0.8), RegistrationSettings(correlation=1.1)) is None
    start = box_map(0.12, 0.09, 0.8, 0.8)
    unmoved = register(grey(picture), grey(part), start, RegistrationSettings(steps=0, correlation=-1))
    assert unmoved is not None
    np.testing.assert_array_equal(unmoved, start)


def test_what_is_laid_out_is_what_was_cut_out(picture: Image.Image) -> None:
    whole = np.asarray(picture.convert("L"))
    seen, inside = laid_out(whole, box_map(0.25, 0.5, 0.5, 0.25), (200, 100))
    assert inside.all()
    np.testing.assert_allclose(seen.astype(int), whole[200:300, 100:300], atol=2)
    seen, inside = laid_out(whole, box_map(0.75, 0.0, 0.5, 1.0), (200, 400))
    assert inside[:, :99].all()
    assert not inside[:, 101:].any()
