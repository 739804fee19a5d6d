from __future__ import annotations

import pytest
import torch

from podoba.learn.networks.small_networks import SMALL_NETWORKS, SmallNetwork


@pytest.mark.parametrize("name", SMALL_NETWORKS)
def test_features_at_any_sensible_size(name: str) -> None:
    network = SMALL_NETWORKS[name]().eval()
    for size in (8 if name == "small-digits" else 16, 17, network.default_input_size, 50):
        with torch.no_grad():
            features = network(torch.rand(2, 3, size, size))
        assert features.shape == (2, network.feature_dim)
        assert features.isfinite().all()


@pytest.mark.parametrize("name", SMALL_NETWORKS)
def test_stages_are_all_of_the_network_in_order(name: str) -> None:
    network = SMALL_NETWORKS[name]().eval()
    maps = torch.rand(2, 3, network.default_input_size, network.default_input_size)
    with torch.no_grad():
        expected = network(maps)
        pooled = []
        for stage in network.stages():
            maps = stage(maps)
            pooled.append(network.pool(maps).flatten(1))
    torch.testing.assert_close(torch.cat(pooled[-network.tapped :], dim=1), expected)


@pytest.mark.parametrize("name", SMALL_NETWORKS)
def test_every_weight_learns(name: str) -> None:
    torch.manual_seed(0)
    network = SMALL_NETWORKS[name]()
    network(torch.randn(8, 3, 32, 32)).square().sum().backward()
    without = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert not without


def test_the_layer_that_widens_sees_halved_maps_where_a_stage_halves_first() -> None:
    sizes: list[int] = []
    for halve_first in (False, True):
        network = SmallNetwork(4, (8, 16), (0, 0), 16, halve_first=halve_first)
        widening = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.out_channels == 16)
        widening.register_forward_hook(lambda module, inputs, output: sizes.append(output.shape[-1]))
        assert network(torch.rand(2, 3, 16, 16)).shape == (2, 16)
    assert sizes == [8, 4]


def test_features_of_several_stages_are_their_means_side_by_side() -> None:
    network = SmallNetwork(4, (8, 16), (0, 1), 16, tapped=2, average=True, halve_all=True)
    assert network.feature_dim == 24
    images = torch.rand(2, 3, 16, 16)
    stem, first, second = network.eval().stages()
    maps = first(stem(images))
    assert maps.shape[2:] == (4, 4)  # the pooling of the stem and the first stage's own
    torch.testing.assert_close(network(images), torch.cat([maps.mean((2, 3)), second(maps).mean((2, 3))], dim=1))


def test_a_stride_in_the_stem_halves_once_more() -> None:
    network = SmallNetwork(4, (8,), (0,), 16, pool_stem=False, stem_stride=2)
    assert network.stages()[0](torch.rand(1, 3, 16, 16)).shape == (1, 4, 8, 8)
