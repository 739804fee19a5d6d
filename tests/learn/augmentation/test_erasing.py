from __future__ import annotations

import torch

from podoba.learn.augmentation.erasing import erase
from podoba.runs.settings import AugmentationSettings


def erased(**options: object) -> tuple[torch.Tensor, torch.Tensor]:
    images = torch.rand(64, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    settings = AugmentationSettings.model_validate(options)
    return images, erase(images, settings, torch.Generator().manual_seed(1))


def test_a_rectangle_becomes_the_images_mean_colour() -> None:
    images, changed = erased(erase_probability=1.0, erase_area=(0.1, 0.2))
    for before, after in zip(images, changed, strict=True):
        mask = (before != after).any(0)
        rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert mask.sum() == len(rows) * len(columns)
        assert 0.02 < mask.float().mean() < 0.3
        torch.testing.assert_close(after[:, mask], before.mean((1, 2))[:, None].expand(-1, int(mask.sum())))


def test_a_share_of_the_images_is_left_as_it_is() -> None:
    images, changed = erased(erase_probability=0.5)
    share = (images == changed).flatten(1).all(1).float().mean()
    assert 0.3 < share < 0.7
    assert torch.equal(*erased(erase_probability=0.0))
