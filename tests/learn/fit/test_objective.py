from __future__ import annotations

import pytest
import torch

from podoba.learn.fit.objective import Objective
from podoba.learn.losses.registry import build_loss
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork
from podoba.runs.loss_settings import CrossEntropy, LossOptions, Triplet
from podoba.runs.settings import BackboneSettings, HeadSettings

LABELS = torch.tensor([0, 0, 1, 1])


def objective(settings: LossOptions, classes: int | None) -> Objective:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    head = HeadSettings(hidden=None, dim=8, dropout=0.0, l2=0.5)
    loss = build_loss(settings, dim=8, class_names=["a", "b"], class_counts=[2, 2])
    return Objective(DescriptorNetwork(backbone, head, classes), loss).eval()


@pytest.mark.parametrize(("settings", "classes"), [(CrossEntropy(), 2), (Triplet(), None)])
def test_features_cost_what_their_images_do(settings: LossOptions, classes: int | None) -> None:
    made = objective(settings, classes)
    images = torch.rand(4, 3, 16, 16)
    whole, penalty = made(images, LABELS, None, False)
    head, _ = made(made.network.backbone(images), LABELS, None, True)
    torch.testing.assert_close(whole, head)
    torch.testing.assert_close(penalty, 0.5 * made.network.head.descriptor.weight.square().sum())


def test_a_mixed_batch_costs_its_share_of_both_labels() -> None:
    made = objective(CrossEntropy(), 2)
    images, partner = torch.rand(4, 3, 16, 16), torch.tensor([2, 3, 0, 1])
    mixed, _ = made(images, LABELS, (partner, 0.75), False)
    first, second = (made(images, labels, None, False)[0] for labels in (LABELS, LABELS[partner]))
    torch.testing.assert_close(mixed, 0.75 * first + 0.25 * second)
