from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from podoba.learn.fit.objective import Objective
from podoba.learn.fit.timing import STEPS, seconds_of_step
from podoba.learn.losses.registry import build_loss
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.setup import build_network
from podoba.runs.settings import Settings


def test_the_seconds_are_those_of_a_step_at_the_largest_size(small: Callable[..., Settings]) -> None:
    settings = small(training_sizes=[8, 24])
    network = build_network(settings, build_backbone(settings.backbone, 16), 3)
    loss = build_loss(settings.loss, dim=network.dim, class_names=["a", "b", "c"], class_counts=[4, 4, 4])
    shapes: list[tuple[int, ...]] = []
    network.backbone.register_forward_pre_hook(lambda _, inputs: shapes.append(tuple(inputs[0].shape)))
    started = time.perf_counter()
    seconds = seconds_of_step(Objective(network, loss), settings, np.arange(12) % 3, cached=False)
    assert shapes == [(12, 3, 24, 24)] * (STEPS + 1)
    assert 0 < STEPS * seconds < time.perf_counter() - started
    shapes.clear()
    assert seconds_of_step(Objective(network, loss), settings, np.arange(12) % 3, cached=True) > 0
    assert shapes == []
    assert torch.isfinite(next(network.head.parameters())).all()
