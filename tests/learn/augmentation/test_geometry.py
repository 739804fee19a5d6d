"""Matrices against a slow loop over pixels, and against what they are to do to pictures."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from podoba.learn.augmentation.geometry import PADDING, compose, crop, flip, identity, rectangle, shift_zoom_rotate, warp
from podoba.runs.settings import AugmentationSettings


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def place(at: float, side: int, fill: str) -> float | None:
    """A place in pixels (0 is the centre of the first one) brought back into the image; None where nothing lies there."""
    if fill == "edge":
        return min(max(at, 0.0), side - 1.0)
    if fill == "reflect":  # about the outer borders of the first and the last pixel
        at = math.fmod(abs(at + 0.5), 2 * side)
        return min(max((2 * side - at if at > side else at) - 0.5, 0.0), side - 1.0)
    return at


def slow_warp(image: Tensor, matrix: Tensor, fill: str) -> Tensor:
    """One image (3, H, W) pixel by pixel, by the definition of a bilinear interpolation."""
    _, height, width = image.shape
    result = torch.zeros_like(image)
    for row in range(height):
        for column in range(width):
            out = torch.tensor([(2 * column + 1) / width - 1, (2 * row + 1) / height - 1, 1.0])
            x, y, _ = (matrix @ out).tolist()
            px, py = place(((x + 1) * width - 1) / 2, width, fill), place(((y + 1) * height - 1) / 2, height, fill)
            assert px is not None
            assert py is not None
            for nx in (math.floor(px), math.floor(px) + 1):
                for ny in (math.floor(py), math.floor(py) + 1):
                    if 0 <= nx < width and 0 <= ny < height:
                        result[:, row, column] += (1 - abs(px - nx)) * (1 - abs(py - ny)) * image[:, ny, nx]
    return result


@pytest.mark.parametrize("fill", PADDING)
@pytest.mark.parametrize(("height", "width"), [(9, 9), (6, 11)])
def test_a_composition_equals_the_slow_loop(fill: str, height: int, width: int) -> None:
    told = AugmentationSettings(name="none", shift=0.3, zoom=0.4, rotate=180, crop=(0.2, 1.0))
    images = torch.rand(4, 3, height, width, generator=seeded(1))
    parts = [part(4, told, seeded(2)) for part in (crop, shift_zoom_rotate, flip)]
    product = compose(parts, width / height)
    expected = torch.stack([slow_warp(image, matrix, fill) for image, matrix in zip(images, product, strict=True)])
    torch.testing.assert_close(warp(images, product, fill), expected, rtol=0, atol=1e-4)


def test_warp_equals_torch_own_grid() -> None:
    matrices = shift_zoom_rotate(4, AugmentationSettings(), seeded())
    images = torch.rand(4, 3, 8, 10, generator=seeded())
    grid = functional.affine_grid(matrices[:, :2], [4, 3, 8, 10], align_corners=False)
    expected = functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    torch.testing.assert_close(warp(images, matrices, "reflect"), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 16)])
def test_a_rotation_keeps_a_disc_round_whatever_the_aspect(height: int, width: int) -> None:
    y, x = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    disc = (1 - (x**2 + y**2).sqrt() / 4).clamp(0, 1).expand(1, 3, height, width)
    turn = shift_zoom_rotate(1, AugmentationSettings(shift=0, zoom=0, rotate=90), seeded(3))
    assert abs(float(turn[0, 0, 0])) < 0.95  # it does turn
    torch.testing.assert_close(warp(disc, compose([turn], width / height), "zero"), disc, rtol=0, atol=0.12)


def test_a_shift_moves_whole_pixels_without_blur() -> None:
    matrices = identity(1)
    matrices[:, 0, 2] = 2 * 2 / 8
    images = torch.rand(1, 3, 8, 8, generator=seeded())
    torch.testing.assert_close(warp(images, matrices, "zero")[..., :6], images[..., 2:], rtol=0, atol=1e-5)
    assert bool((warp(images, matrices, "zero")[..., 6:] == 0).all())
    torch.testing.assert_close(warp(images, matrices, "edge")[..., 7], images[..., 7], rtol=0, atol=1e-5)
    torch.testing.assert_close(warp(images, matrices, "reflect")[..., 6:], images[..., 6:].flip(3), rtol=0, atol=1e-5)


def test_ranges_of_method_1_are_kept_and_reached() -> None:
    told = AugmentationSettings(shift=0.1, zoom=0.2, rotate=15)
    matrices = shift_zoom_rotate(5000, told, seeded())
    scale = 1 / torch.linalg.det(matrices[:, :2, :2]).sqrt()
    angle = torch.atan2(matrices[:, 1, 0], matrices[:, 0, 0]) * 180 / math.pi
    for values, low, high in (
        (scale, 0.8, 1.2),
        (angle, -15, 15),
        (matrices[:, 0, 2] / 2, -0.1, 0.1),
        (matrices[:, 1, 2] / 2, -0.1, 0.1),
    ):
        assert low - 1e-3 <= float(values.min()) < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < float(values.max()) <= high + 1e-3


def test_crops_lie_in_the_image_and_have_the_area_that_was_drawn() -> None:
    matrices = crop(5000, AugmentationSettings(crop=(0.35, 1.0)), seeded())
    width, height = matrices[:, 0, 0], matrices[:, 1, 1]
    assert bool(((matrices[:, 0, 2].abs() + width <= 1 + 1e-6) & (matrices[:, 1, 2].abs() + height <= 1 + 1e-6)).all())
    area, ratio = width * height, width / height
    assert abs(float(area.mean()) - (0.35 + 1) / 2) < 0.01  # even over its range
    assert 0.35 - 1e-6 <= float(area.min()) < 0.36
    assert 0.99 < float(area.max()) <= 1 + 1e-6
    assert 3 / 4 - 1e-6 <= float(ratio.min()) < 0.77
    assert 1.3 < float(ratio.max()) <= 4 / 3 + 1e-6


@pytest.mark.parametrize("area", [(1.0, 1.0), (0.02, 0.02)])
def test_a_rectangle_of_one_area_has_it(area: tuple[float, float]) -> None:
    wide, high = rectangle(100, area, (0.3, 1 / 0.3), seeded())
    torch.testing.assert_close(wide * high, torch.full((100,), area[0]))
    assert float(torch.maximum(wide, high).max()) <= 1
