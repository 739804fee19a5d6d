"""Mixup: what is mixed is what is said to be mixed."""

from __future__ import annotations

import pytest
import torch

from podoba.learn.augmentation.mixup import mixup_batch


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_each_image_is_mixed_with_the_partner_that_is_given_back() -> None:
    images = torch.rand(6, 3, 5, 5, generator=seeded(1))
    mixed, partners, share = mixup_batch(images, seeded(2), 0.4)
    assert partners.dtype == torch.int64
    assert partners.sort().values.tolist() == list(range(6))
    for i in range(6):
        torch.testing.assert_close(mixed[i], share * images[i] + (1 - share) * images[partners[i]])


@pytest.mark.parametrize("alpha", [1e-12, 0.2, 1.0, 50.0, 1e6])
def test_the_share_follows_beta(alpha: float) -> None:
    images = torch.zeros(2, 3, 1, 1)
    generator = seeded()
    shares = torch.tensor([mixup_batch(images, generator, alpha)[2] for _ in range(1500)], dtype=torch.float64)
    assert bool(((shares >= 0) & (shares <= 1)).all())
    assert float(shares.mean()) == pytest.approx(0.5, abs=0.05)
    assert float(shares.var()) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1, abs=1e-6)


def test_an_image_alone_stays() -> None:
    images = torch.rand(1, 3, 5, 5, generator=seeded())
    torch.testing.assert_close(mixup_batch(images, seeded(), 0.2)[0], images)
