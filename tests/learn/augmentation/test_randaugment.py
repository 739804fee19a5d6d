"""RandAugment: every operation is drawn, acts on the images that drew it, and grows with the magnitude."""

from __future__ import annotations

import pytest
import torch

from podoba.learn.augmentation.build import Augmentation
from podoba.learn.augmentation.geometry import identity
from podoba.learn.augmentation.randaugment import GEOMETRIC, OPERATIONS, PHOTOMETRIC, Draw
from podoba.runs.settings import AugmentationSettings


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def only(name: str, magnitude: float, n: int = 4) -> Draw:
    """A draw in which every image drew one operation, in alternating directions."""
    drawn = Draw(n, AugmentationSettings(operations=1, magnitude=magnitude), seeded())
    drawn.chosen = torch.full((1, n), OPERATIONS.index(name))
    drawn.strength = torch.tensor([1.0, -1.0]).repeat(n // 2)[None] * magnitude / 30
    return drawn


def test_every_operation_is_drawn_about_equally_often() -> None:
    drawn = Draw(6500, AugmentationSettings(operations=2), seeded())
    assert drawn.chosen.shape == (2, 6500)
    counts = drawn.chosen.flatten().bincount(minlength=len(OPERATIONS))
    assert int(counts.min()) > 850
    assert int(counts.max()) < 1150


@pytest.mark.parametrize("name", PHOTOMETRIC)
def test_an_operation_on_values_changes_more_with_more_magnitude(name: str) -> None:
    images = 0.2 + 0.6 * torch.rand(4, 3, 8, 8, generator=seeded(1))
    assert torch.equal(torch.stack(only(name, 30).matrices())[0], identity(4))
    changes = [float((only(name, magnitude).colours(images) - images).abs().mean()) for magnitude in (0, 8, 30)]
    assert changes[0] < 1e-6
    assert changes[0] < changes[1] < changes[2]


@pytest.mark.parametrize("name", GEOMETRIC)
def test_a_geometric_operation_goes_both_ways_and_leaves_the_values(name: str) -> None:
    images = torch.rand(4, 3, 8, 8, generator=seeded(1))
    drawn = only(name, 30)
    assert torch.equal(drawn.colours(images), images)
    [matrices] = drawn.matrices()
    assert not torch.allclose(matrices[0], matrices[1])
    torch.testing.assert_close(matrices[0] @ matrices[1], identity(1)[0])  # the other direction undoes it
    torch.testing.assert_close(only(name, 0).matrices()[0], identity(4))


def test_rotate_reaches_30_degrees_and_translate_45_percent() -> None:
    assert float(only("rotate", 30).matrices()[0][0, 0, 0]) == pytest.approx(3**0.5 / 2)
    assert float(only("translate-x", 30).matrices()[0][0, 0, 2]) / 2 == pytest.approx(0.45)
    assert float(only("shear-y", 15).matrices()[0][0, 1, 0]) == pytest.approx(0.15)


def test_images_that_drew_nothing_on_values_stay() -> None:
    images = torch.rand(64, 3, 8, 8, generator=seeded(1))
    drawn = Draw(64, AugmentationSettings(operations=1, magnitude=20), seeded())
    others = drawn.chosen[0] < 1 + len(GEOMETRIC)
    changed = drawn.colours(images)
    assert torch.equal(changed[others], images[others])
    assert int((changed != images).flatten(1).any(1).sum()) >= int((~others).sum()) - 8


def test_operations_is_how_many_act() -> None:
    images = torch.rand(64, 3, 8, 8, generator=seeded(1))
    changes = [
        float((Augmentation(AugmentationSettings(name="randaugment", operations=n))(images, seeded()) - images).abs().mean())
        for n in (1, 3, 5)
    ]
    assert changes[0] < changes[1] < changes[2]
