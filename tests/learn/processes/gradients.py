"""Run by test_gather.py in two processes: gradients of every loss, shared and alone; prints them as JSON from the first."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from typing import Any

import torch
from pydantic import TypeAdapter
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from podoba.learn.fit.objective import Objective
from podoba.learn.losses.registry import LOSSES, build_loss, needs_logits
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork
from podoba.learn.processes.batch_norm import synchronise
from podoba.learn.processes.gather import Share
from podoba.runs.loss_settings import AnyLoss
from podoba.runs.settings import BackboneSettings, HeadSettings

WHOLE, CLASSES = 13, 3  # images, which two processes cannot share evenly
CASES: list[tuple[str, dict[str, Any], bool]] = [
    *((name, {"name": name}, False) for name in LOSSES if name != "combined"),
    ("hard triplets", {"name": "triplet", "mining": "hard"}, False),
    ("class weights", {"name": "cross-entropy", "class_weights": "balanced", "label_smoothing": 0.1}, False),
    ("combined, mixed", {"name": "combined", "parts": [{"name": "cross-entropy"}, {"name": "supcon"}]}, True),
]


def objective_of(options: dict[str, Any]) -> Objective:
    settings = TypeAdapter(AnyLoss).validate_python(options)
    torch.manual_seed(0)
    backbone = build_backbone(
        BackboneSettings(name="small-digits", pretrained=False, transfer="scratch", fast_convolutions=False), 16
    )
    head = HeadSettings(hidden=16, dim=8, dropout=0.3, batch_norm=True, l2=0.01)
    network = DescriptorNetwork(backbone, head, CLASSES if needs_logits(settings) else None)
    loss = build_loss(settings, dim=8, class_names=["a", "b", "c"], class_counts=[5, 4, 4])
    return Objective(network, loss).double().train()


def gradients(module: nn.Module, inputs: Tensor, labels: Tensor, mix: Any, share: Share | None = None) -> tuple[Tensor, float]:
    torch.manual_seed(7)  # dropout
    loss, penalty = module(inputs, labels, mix, False, share)
    (loss + penalty).backward()
    return torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None]), float(loss)


def main() -> None:
    distributed.init_process_group("gloo")
    rank, world = distributed.get_rank(), distributed.get_world_size()
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(WHOLE, 3, 16, 16, dtype=torch.float64, generator=generator)
    labels = torch.arange(WHOLE) % CLASSES
    found: dict[str, Any] = {}
    for name, options, mixed in CASES:
        mix = (torch.randperm(WHOLE, generator=generator), 0.7) if mixed else None
        alone = objective_of(options)
        shared, apart = deepcopy(alone), deepcopy(alone)
        whole, loss = gradients(alone, images, labels, mix)
        shared.network.backbone.body = synchronise(shared.network.backbone.body, torch.device("cpu"))
        own = gradients(DistributedDataParallel(shared), images[rank::world], labels, mix, Share(WHOLE, 5 + rank))
        row = {"cosine": cosine(own[0], whole), "norm": float(own[0].norm() / whole.norm()), "loss": own[1] - loss}
        for key, value in alone.network.backbone.state_dict().items():  # batch statistics too
            torch.testing.assert_close(shared.network.backbone.state_dict()[key], value)
        if mix is None:
            each = gradients(DistributedDataParallel(apart), images[rank::world], labels[rank::world], None)
            row["apart"] = cosine(each[0], whole)
        found[name] = row
        digests: list[Any] = [None] * world
        distributed.all_gather_object(digests, own[0].tolist())
        row["equal"] = all(digest == digests[0] for digest in digests)
    if rank == 0:
        sys.stdout.write(json.dumps(found))
    distributed.destroy_process_group()


def cosine(one: Tensor, other: Tensor) -> float:
    return float(one @ other / one.norm() / other.norm())


if __name__ == "__main__":
    main()
