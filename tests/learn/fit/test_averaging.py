from __future__ import annotations

import torch

from podoba.learn.fit.averaging import WeightAverage
from podoba.learn.fit.objective import Objective
from podoba.learn.losses.cross_entropy import CrossEntropyLoss
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork
from podoba.runs.loss_settings import CrossEntropy
from podoba.runs.settings import AveragingSettings, BackboneSettings, HeadSettings


def objective() -> Objective:
    backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    loss = CrossEntropyLoss(CrossEntropy(), dim=8, class_names=["a", "b"], class_counts=[1, 1])
    return Objective(DescriptorNetwork(backbone, HeadSettings(hidden=None, dim=8), 2), loss)


def test_the_average_follows_a_slow_loop() -> None:
    torch.manual_seed(0)
    current = objective()
    average = WeightAverage(current, AveragingSettings(name="ema", decay=0.5))
    expected = current.network.head.descriptor.weight.detach().clone()
    for step in range(1, 20):
        with torch.no_grad():
            current.network.head.descriptor.weight.copy_(torch.randn(8, 32))
        average.update(current, step)
        keep = min(0.5, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * current.network.head.descriptor.weight.detach()
    torch.testing.assert_close(average.objective.network.head.descriptor.weight.detach(), expected)


def test_counters_are_copied_and_the_current_weights_stay() -> None:
    current = objective()
    average = WeightAverage(current, AveragingSettings(name="ema"))
    before = {key: value.clone() for key, value in current.state_dict().items()}
    for key, value in current.state_dict().items():
        if key.endswith("num_batches_tracked"):
            value.fill_(7)
            before[key].fill_(7)
    average.update(current, 1)
    assert all(torch.equal(value, before[key]) for key, value in current.state_dict().items())
    counters = [v for key, v in average.objective.state_dict().items() if key.endswith("num_batches_tracked")]
    assert counters
    assert all(value == 7 for value in counters)
