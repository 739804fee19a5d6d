"""How long a step of a training takes, measured on noise of the right shape."""

import time

import torch

from podoba.arrays import Indices
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.optim import build_optimizer, parameter_groups
from podoba.runs.settings import Settings

STEPS = 3  # timed, after one that warms up


def seconds_of_step(objective: Objective, settings: Settings, labels: Indices, cached: bool) -> float:
    """Seconds of one step of the optimizer, at the largest size of the training images; the weights of the objective change.

    Args:
        labels: int64 (B,), of a batch.
        cached: whether features of a frozen backbone are at hand, so that only the head runs.
    """
    network = objective.network
    network.train()
    side = max(settings.training_sizes or [network.backbone.input_size])
    device = network.backbone.mean.device
    shape = (len(labels), network.backbone.feature_dim) if cached else (len(labels), 3, side, side)
    inputs, targets = torch.rand(shape, device=device), torch.from_numpy(labels).to(device)
    heads = [module for module in (network.head, network.classifier) if module is not None]
    groups = parameter_groups(network.backbone, heads, objective.loss, settings.optimizer, settings.backbone.transfer)
    optimizer = build_optimizer(groups, settings.optimizer)
    started = time.perf_counter()
    for step in range(STEPS + 1):
        if step == 1:
            started = time.perf_counter()
        loss, penalty = objective(inputs, targets, None, cached)
        optimizer.zero_grad(set_to_none=True)
        (loss + penalty).backward()
        optimizer.step()
    return (time.perf_counter() - started) / STEPS
