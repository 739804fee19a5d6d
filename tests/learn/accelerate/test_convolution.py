"""Fast convolutions give what torch gives, forward and backward, and nothing but speed tells them apart."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from podoba.learn.accelerate.convolution import FastConv2d, accelerate_convolutions


def _run(layer: nn.Conv2d, images: Tensor, gradient: Tensor) -> list[Tensor]:
    images = images.clone().requires_grad_()
    layer.zero_grad()
    maps = layer(images)
    maps.backward(gradient)
    assert images.grad is not None
    return [maps.detach(), images.grad, *(p.grad.clone() for p in layer.parameters() if p.grad is not None)]


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("batch", "inputs", "outputs", "height", "width", "bias"),
    [
        (12, 64, 128, 8, 8, True),
        (16, 128, 64, 7, 7, False),
        (48, 128, 96, 4, 4, True),
        (20, 96, 96, 5, 6, True),
        (48, 128, 64, 2, 2, True),
        (48, 64, 128, 2, 1, False),
        (50, 64, 128, 1, 1, True),
        (64, 64, 128, 3, 2, True),
        (2, 64, 128, 8, 8, True),  # too few tiles: torch's own
    ],
)
def test_maps_and_gradients_equal_torch(
    memory_format: torch.memory_format, batch: int, inputs: int, outputs: int, height: int, width: int, bias: bool
) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias).to(memory_format=memory_format)
    fast = FastConv2d.of(copy.deepcopy(plain))
    images = torch.randn(batch, inputs, height, width).contiguous(memory_format=memory_format)
    gradient = torch.randn(batch, outputs, height, width)
    for ours, theirs in zip(_run(fast, images, gradient), _run(plain, images, gradient), strict=True):
        assert ours.shape == theirs.shape
        assert (ours - theirs).norm() / theirs.norm() < 2e-5
        assert (ours - theirs).abs().max() < 1e-4 * theirs.abs().max()


def test_only_what_gains_is_replaced_and_parameters_stay_the_same() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1),
        nn.Sequential(nn.Conv2d(64, 128, 3, padding=1), nn.Conv2d(128, 128, 3, stride=2, padding=1)),
        nn.Conv2d(128, 128, 3, padding=1, groups=128),
        nn.Conv2d(128, 128, 1),
        nn.Conv2d(128, 128, 3, padding=1, padding_mode="reflect"),
    )
    before = dict(network.named_parameters())
    accelerate_convolutions(network)
    after = dict(network.named_parameters())
    assert before.keys() == after.keys()
    assert all(before[key] is after[key] for key in before)
    assert [name for name, module in network.named_modules() if isinstance(module, FastConv2d)] == ["1.0"]


def test_frozen_weights_get_no_gradient_and_images_still_do() -> None:
    layer = FastConv2d.of(nn.Conv2d(64, 128, 3, padding=1)).requires_grad_(False)
    for size in (2, 8):
        images = torch.randn(48, 64, size, size, requires_grad=True)
        layer(images).sum().backward()
        assert images.grad is not None
        assert layer.weight.grad is None


@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_layers_behind_may_work_in_place(size: int) -> None:
    layer = FastConv2d.of(nn.Conv2d(64, 128, 3, padding=1))
    images = torch.randn(48, 64, size, size, requires_grad=True)
    nn.ReLU(inplace=True)(layer(images)).sum().backward()
    ours = images.grad
    images.grad = None
    nn.functional.conv2d(images, layer.weight, layer.bias, padding=1).relu().sum().backward()
    assert ours is not None
    assert images.grad is not None
    assert (ours - images.grad).norm() / images.grad.norm() < 1e-3


def test_other_precisions_and_copies_work() -> None:
    layer = FastConv2d.of(nn.Conv2d(64, 128, 3, padding=1))
    images = torch.randn(12, 64, 8, 8)
    wide = copy.deepcopy(layer).double()
    assert isinstance(wide, FastConv2d)
    torch.testing.assert_close(wide(images.double()).float(), layer(images), atol=1e-4, rtol=1e-4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(images).dtype == torch.bfloat16
    with torch.inference_mode():
        torch.testing.assert_close(layer(images), wide(images.double()).float(), atol=1e-4, rtol=1e-4)
