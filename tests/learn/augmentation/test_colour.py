"""Changes of the values against torchvision where it has the same definition, else against the definition itself."""

from __future__ import annotations

import colorsys

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as peer

from podoba.learn.augmentation import colour
from podoba.learn.augmentation.erasing import erase
from podoba.runs.settings import AugmentationSettings


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images() -> Tensor:
    return torch.rand(5, 3, 7, 9, generator=seeded(4))


FACTORS = torch.tensor([0.5, 0.8, 1.0, 1.2, 1.5])


def by_image(change: object, images: Tensor, values: Tensor) -> Tensor:
    assert callable(change)
    return torch.stack([change(image, float(value)) for image, value in zip(images, values, strict=True)])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (colour.brightness, peer.adjust_brightness),
        (colour.contrast, peer.adjust_contrast),
        (colour.saturation, peer.adjust_saturation),
    ],
)
def test_equals_torchvision(ours: object, theirs: object, images: Tensor) -> None:
    assert callable(ours)
    expected = by_image(theirs, images, FACTORS)
    torch.testing.assert_close(ours(images, FACTORS).clamp(0, 1), expected, rtol=0, atol=2e-4)


def test_hue_turns_the_colours_and_keeps_grey() -> None:
    red = torch.tensor([0.9, 0.1, 0.1])
    turned = colour.hue_matrix(torch.tensor([1 / 3, 2 / 3, 1.0, 0.0])) @ red
    torch.testing.assert_close(turned, torch.tensor([[0.1, 0.9, 0.1], [0.1, 0.1, 0.9], [0.9, 0.1, 0.1], [0.9, 0.1, 0.1]]))
    grey = colour.hue_matrix(torch.rand(9, generator=seeded())) @ torch.full((3,), 0.4)
    torch.testing.assert_close(grey, torch.full((9, 3), 0.4))
    small = colour.hue_matrix(torch.tensor([0.05])) @ red
    assert abs(colorsys.rgb_to_hsv(*small[0].tolist())[0] - 0.05) < 0.01


def test_a_share_of_the_images_is_made_grey() -> None:
    images = torch.rand(400, 3, 2, 2, generator=seeded(1))
    changed = colour.jitter(images, AugmentationSettings(grey=0.3), seeded(2))
    share = ((changed.amax(1) - changed.amin(1)).amax((1, 2)) < 1e-5).float().mean()
    assert 0.22 < share < 0.38


def test_jitter_equals_its_four_steps_one_after_the_other(images: Tensor) -> None:
    told = AugmentationSettings(brightness=0.1, contrast=0.1, saturation=0.1, hue=0.05)
    images = 0.3 + 0.4 * images  # so that nothing is clamped
    generator = seeded(6)
    bright, apart, vivid = (0.9 + 0.2 * torch.rand(5, generator=generator) for _ in range(3))
    turn = 0.1 * torch.rand(5, generator=generator) - 0.05
    expected = colour.saturation(colour.contrast(colour.brightness(images, bright), apart), vivid)
    expected = torch.einsum("bij,bjhw->bihw", colour.hue_matrix(turn), expected)
    torch.testing.assert_close(colour.jitter(images, told, seeded(6)), expected, rtol=0, atol=1e-5)


def test_posterize_leaves_the_levels_that_the_strength_says(images: Tensor) -> None:
    images = torch.linspace(0, 1, 3 * 40 * 40).view(1, 3, 40, 40).repeat(3, 1, 1, 1)
    changed = colour.posterize(images, torch.tensor([0.0, 0.5, 1.0]))
    assert torch.equal(changed[0], images[0])
    assert len(changed[1].unique()) == 64
    assert len(changed[2].unique()) == 16


def test_solarize_inverts_what_is_over_the_threshold(images: Tensor) -> None:
    expected = by_image(peer.solarize, images, torch.tensor([1.0, 0.75, 0.5, 0.25, 0.01]))
    changed = colour.solarize(images, torch.tensor([0.0, 0.25, 0.5, 0.75, 0.99]))
    torch.testing.assert_close(changed, expected, rtol=0, atol=1e-6)


def test_sharpen_blurs_under_one_and_sharpens_over_it(images: Tensor) -> None:
    edge = torch.zeros(3, 3, 6, 6)
    edge[..., 3:] = 1
    blurred, same, sharp = colour.sharpen(edge, torch.tensor([0.0, 1.0, 2.0]))
    assert float(blurred[0, 2, 2]) == pytest.approx(1 / 3)
    assert torch.equal(same, edge[1])
    assert float(sharp[0, 2, 2]) == pytest.approx(-1 / 3)


def test_stretch_contrast_equals_autocontrast_and_keeps_a_flat_channel(images: Tensor) -> None:
    images = 0.2 + 0.5 * images
    images[0, 1] = 0.5
    changed = colour.stretch_contrast(images, torch.ones(5))
    torch.testing.assert_close(changed, peer.autocontrast(images), rtol=0, atol=1e-5)
    assert torch.equal(colour.stretch_contrast(images, torch.zeros(5)), images)


def test_erase_fills_rectangles_of_the_share_asked_for_with_the_mean() -> None:
    images = torch.rand(400, 3, 40, 40, generator=seeded())
    changed = erase(images, AugmentationSettings(erase_probability=0.5, erase_area=(0.1, 0.3)), seeded())
    different = (changed != images).any(1)
    erased = different.flatten(1).any(1)
    assert 160 < int(erased.sum()) < 240
    share = different[erased].float().mean((1, 2))
    assert 0.08 < float(share.min()) < float(share.max()) < 0.33
    assert abs(float(share.mean()) - 0.2) < 0.02
    for mask, new, old in zip(different[erased], changed[erased], images[erased], strict=True):
        rows, columns = mask.any(1), mask.any(0)
        assert torch.equal(mask, rows[:, None] & columns)  # a rectangle
        torch.testing.assert_close(new[:, mask], old.mean((1, 2))[:, None].expand(3, int(mask.sum())))
    borders = (different[:, 0], different[:, -1], different[:, :, 0], different[:, :, -1])
    assert all(bool(border.any()) for border in borders)  # no place is spared
