"""EfficientNet-Lite0: padding as timm pads, fixed in a traced graph; stages."""

from __future__ import annotations

import numpy as np
import pytest
import timm
import torch
from timm.layers import Conv2dSame

from podoba.learn.export.model_file import trace
from podoba.learn.networks.lite_network import LiteNetwork, SameConv2d
from podoba.models.sessions import session_of


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (5, 2), (2, 3)])
@pytest.mark.parametrize("bias", [False, True])
def test_pads_as_timm_pads_also_in_a_graph(side: int, kernel: int, stride: int, bias: bool) -> None:
    torch.manual_seed(0)
    theirs = Conv2dSame(4, 8, kernel, stride=stride, groups=2, bias=bias)
    ours, images = SameConv2d.of(theirs), torch.rand(2, 4, side, side + 1)
    expected = theirs(images).detach().numpy()
    np.testing.assert_allclose(ours(images).detach().numpy(), expected, atol=1e-6)
    graph = trace(ours, images, "images", "maps")
    assert {node.op_type for node in graph.graph.node} <= {"Conv", "Constant", "Unsqueeze", "Add"}
    found = session_of(graph.SerializeToString(), 1).run(None, {"images": images.numpy()})[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_learns_through_its_padding() -> None:
    torch.manual_seed(0)
    theirs = Conv2dSame(3, 3, 3, stride=2)
    ours, images = SameConv2d.of(theirs), torch.rand(1, 3, 8, 8)
    gradients = [torch.autograd.grad(layer(images).square().sum(), theirs.weight)[0] for layer in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def test_stages_hold_every_weight_of_the_network_it_is_cut_from() -> None:
    network = LiteNetwork()
    stages = network.stages()
    assert len(stages) == 8
    assert sum(p.numel() for stage in stages for p in stage.parameters()) == sum(p.numel() for p in network.parameters())
    whole = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    behind = sum(p.numel() for part in (whole.conv_head, whole.bn2, whole.classifier) for p in part.parameters())
    assert sum(p.numel() for p in network.parameters()) == sum(p.numel() for p in whole.parameters()) - behind
    assert not [module for module in network.modules() if isinstance(module, Conv2dSame)]
