from __future__ import annotations

import torch
from torch.nn import functional

from podoba.learn.augmentation.resolution import downscale
from podoba.runs.settings import AugmentationSettings


def told(probability: float, size: float = 0.4) -> AugmentationSettings:
    return AugmentationSettings(name="downscale", downscale_probability=probability, downscale_size=size)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def detail(images: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of neighbouring pixels, an image."""
    return images.diff(dim=3).square().mean((1, 2, 3))


def test_fine_detail_is_lost_and_the_mean_stays() -> None:
    images = torch.rand(64, 3, 16, 16, generator=generator())
    changed = downscale(images, told(1.0), generator())
    assert (detail(changed) < 0.7 * detail(images)).all()
    torch.testing.assert_close(changed.mean((2, 3)), images.mean((2, 3)), atol=0.03, rtol=0)


def test_the_share_asked_for_is_changed_and_the_others_stay_to_the_bit() -> None:
    images = torch.rand(400, 3, 8, 8, generator=generator())
    same = (downscale(images, told(0.5), generator()) == images).flatten(1).all(1)
    assert 0.4 < same.float().mean() < 0.6


def test_each_image_alone_follows_the_formula() -> None:
    images = torch.rand(16, 3, 20, 20, generator=generator())
    changed = downscale(images, told(1.0, 0.5), generator())
    reduced = [
        functional.interpolate(
            functional.interpolate(images, (side, side), mode="bilinear", antialias=True), (20, 20), mode="bilinear"
        )
        for side in (10, 12, 15, 18)  # 0.5, 0.625, 0.75, 0.875 of 20
    ]
    for i in range(len(images)):
        assert any(torch.allclose(changed[i], sizes[i], atol=1e-6) for sizes in reduced)
    assert any(torch.allclose(changed[i], reduced[0][i], atol=1e-6) for i in range(len(images)))
