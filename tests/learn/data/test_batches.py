from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from podoba.images.resize import PixelRule
from podoba.learn.data.batches import FeatureBatches, PixelBatches, can_cache, derived_seed
from podoba.learn.data.load import load_data
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork, to_unit
from podoba.learn.setup import build_network
from podoba.runs.settings import Settings

CPU = torch.device("cpu")
FROZEN = {"name": "small-digits", "pretrained": False, "transfer": "frozen"}
ROWS = np.array([5, 0, 17])
Make = Callable[..., Settings]


def network_of(settings: Settings) -> DescriptorNetwork:
    torch.manual_seed(0)
    return build_network(settings, build_backbone(settings.backbone, 16), 3).eval()


def test_pixels_are_those_of_the_rows(small: Make) -> None:
    settings = small()
    data = load_data(settings, PixelRule(16))
    assert data.validation is not None
    batches = PixelBatches(data, settings, CPU)
    inputs, mix = batches.train(ROWS, 0, 0)
    assert mix is None
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(inputs, to_unit(torch.from_numpy(data.train.store.images[data.train.rows[ROWS]])))
    held_out = data.validation.store.images[data.validation.rows[ROWS[:2] % 12]]
    assert torch.equal(batches.validation(ROWS[:2] % 12), to_unit(torch.from_numpy(held_out)))


def test_augmented_pixels_are_pure_functions_of_epoch_and_step(small: Make) -> None:
    settings = small(augmentation={"name": "shift-zoom-rotate-flip"})
    data = load_data(settings, PixelRule(16))
    batches = PixelBatches(data, settings, CPU)
    first = batches.train(ROWS, 1, 2)[0]
    assert torch.equal(first, PixelBatches(data, settings, CPU).train(ROWS, 1, 2)[0])
    for other in (batches.train(ROWS, 1, 3), batches.train(ROWS, 2, 2)):
        assert not torch.equal(first, other[0])


ALL = ["crop", "flip", "colour-jitter", "random-erasing", "downscale", "randaugment"]


@pytest.mark.parametrize(("name", "world"), [("none", 2), ("mixup", 3), (ALL, 3), ([*ALL, "mixup"], 2)])
def test_each_process_has_its_images_as_one_process_would(small: Make, name: str | list[str], world: int) -> None:
    settings = small(augmentation={"name": name})
    data, rows = load_data(settings, PixelRule(16)), np.arange(11)
    whole, mix = PixelBatches(data, settings, CPU).train(rows, 1, 2)
    for rank in range(world):
        images, own_mix = PixelBatches(data, settings, CPU, rank, world).train(rows, 1, 2)
        torch.testing.assert_close(images, whole[rank::world])
        assert (mix is None) == (own_mix is None)
        if mix is not None and own_mix is not None:
            assert torch.equal(mix[0], own_mix[0])
            assert mix[1] == own_mix[1]


def test_training_sizes_are_spread_over_the_epochs(small: Make) -> None:
    settings = small(training_sizes=[8, 16], epochs=4)
    batches = PixelBatches(load_data(settings, PixelRule(16)), settings, CPU)
    assert [batches.train(ROWS, epoch, 0)[0].shape[-1] for epoch in range(4)] == [8, 8, 16, 16]


def test_mixed_images_come_with_permutation_and_share(small: Make) -> None:
    settings = small(augmentation={"name": "mixup"})
    inputs, mix = PixelBatches(load_data(settings, PixelRule(16)), settings, CPU).train(ROWS, 0, 0)
    assert mix is not None
    assert sorted(mix[0].tolist()) == [0, 1, 2]
    assert 0 <= mix[1] <= 1
    assert inputs.shape == (3, 3, 16, 16)


def test_features_are_those_of_the_pixels(small: Make) -> None:
    settings = small(backbone=FROZEN)
    data, network = load_data(settings, PixelRule(16)), network_of(settings)
    assert data.validation is not None
    pixels, features = PixelBatches(data, settings, CPU), FeatureBatches(network, data, settings, CPU)
    with torch.inference_mode():
        torch.testing.assert_close(features.train(ROWS, 0, 0)[0], network.backbone(pixels.train(ROWS, 0, 0)[0]))
        rows = np.arange(len(data.validation))
        torch.testing.assert_close(features.validation(rows), network.backbone(pixels.validation(rows)))


def test_views_are_cycled_over_the_epochs(small: Make) -> None:
    settings = small(backbone=FROZEN, augmentation={"name": "shift-zoom-rotate", "views": 2}, epochs=5)
    said: list[str] = []
    batches = FeatureBatches(
        network_of(settings), load_data(settings, PixelRule(16)), settings, CPU, lambda stage, *_: said.append(stage)
    )
    inputs = [batches.train(ROWS, epoch, 0)[0] for epoch in range(3)]
    assert torch.equal(inputs[0], inputs[2])
    assert not torch.equal(inputs[0], inputs[1])
    assert list(dict.fromkeys(said)) == ["features 1/2", "features 2/2", "features of the validation images"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"backbone": FROZEN}, True),
        ({"backbone": FROZEN, "augmentation": {"name": "flip", "views": 3}}, True),
        ({"backbone": FROZEN, "augmentation": {"name": "flip", "views": "online"}}, False),
        ({"backbone": FROZEN, "augmentation": {"name": "mixup"}}, False),
        ({}, False),
    ],
)
def test_features_are_cached_where_nothing_changes_them(small: Make, changes: dict[str, object], expected: bool) -> None:
    settings = small(**changes)
    assert can_cache(network_of(settings), settings) is expected


def test_seeds_differ_by_every_number() -> None:
    assert len({derived_seed(*numbers) for numbers in ((0,), (0, 0), (0, 1), (1, 0), (1,))}) == 5
