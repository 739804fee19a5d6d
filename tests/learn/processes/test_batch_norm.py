"""What several processes compute is in test_gather.py."""

from __future__ import annotations

from copy import deepcopy

import torch
from timm.layers import BatchNormAct2d
from torch import nn

from podoba.learn.processes.batch_norm import ProcessorBatchNorm, synchronise


def test_a_synchronised_network_has_the_weights_and_names_of_before_and_judges_as_before() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(BatchNormAct2d(4)))
    images = torch.rand(5, 3, 8, 8)
    network(images)  # moves the statistics
    weights = {id(weight) for weight in network.parameters()}
    before = deepcopy(network).eval()
    after = synchronise(network, torch.device("cpu"))
    assert sum(isinstance(layer, ProcessorBatchNorm) for layer in after.modules()) == 2
    assert {id(weight) for weight in after.parameters()} == weights
    assert before.state_dict().keys() == after.state_dict().keys()
    assert torch.equal(after.eval()(images), before(images))


def test_on_graphics_cards_it_is_that_of_torch() -> None:
    after = synchronise(nn.Sequential(nn.BatchNorm2d(4)), torch.device("cuda"))
    assert isinstance(after[0], nn.SyncBatchNorm)  # type: ignore[index]
