from __future__ import annotations

import pytest
import torch

from podoba.errors import SettingsError
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork, Dropout, Head, count_parameters, describe
from podoba.runs.settings import BackboneSettings, HeadSettings


def network(classes: int | None = None, backbone: str = "small-digits", size: int = 16, **head: object) -> DescriptorNetwork:
    body = build_backbone(BackboneSettings(name=backbone, pretrained=False), size)
    return DescriptorNetwork(body, HeadSettings.model_validate(head), classes)


@pytest.mark.parametrize(("classes", "total", "trainable"), [(None, 15_240_000, 525_312), (10, 15_245_130, 530_442)])
def test_the_papers_networks_have_the_papers_numbers(classes: int | None, total: int, trainable: int) -> None:
    made = network(classes, "vgg16", 32, hidden=512, dim=512, dropout=0.5)
    made.set_transfer("frozen")
    assert count_parameters(made) == (total, trainable)


@pytest.mark.parametrize(
    "head",
    [{}, {"hidden": None}, {"activation": "relu"}, {"batch_norm": True}, {"hidden": 32, "dim": 8, "dropout": 0.0}],
)
def test_descriptors_have_unit_length(head: dict[str, object]) -> None:
    made = network(None, "small-digits", 16, **head)
    descriptors = describe(made, torch.randint(0, 256, (5, 16, 16, 3), dtype=torch.uint8))
    assert descriptors.shape == (5, made.dim)
    assert torch.allclose(descriptors.norm(dim=1), torch.ones(5), atol=1e-5)
    assert (descriptors >= 0).all() == (head.get("activation") == "relu")


def test_penalty_is_the_sum_of_squares() -> None:
    made = network(l2=0.5)
    # Both sums are of float32 numbers, in an order that the processor chooses.
    squares = made.head.descriptor.weight.detach().double().square().sum().item()
    assert made.head.penalty().item() == pytest.approx(0.5 * squares, rel=1e-5)


@pytest.mark.parametrize(("dim", "expected"), [(None, 32), (48, 48), (2, 2)])
def test_without_a_hidden_layer_descriptors_begin_with_the_similarities_of_the_features(dim: int | None, expected: int) -> None:
    made = network(dim=dim)
    assert made.dim == made.head.dim == expected
    features = torch.randn(6, 32, generator=torch.Generator().manual_seed(0))
    units, descriptors = torch.nn.functional.normalize(features), made.head.eval()(features)
    same = torch.allclose(descriptors @ descriptors.T, units @ units.T, atol=1e-5)
    assert same is (expected >= 32)


def learning(made: DescriptorNetwork) -> list[bool]:
    return [all(p.requires_grad for p in stage) for stage in made.backbone.stages()]


@pytest.mark.parametrize("transfer", ["scratch", "finetune", "frozen", "last:1", "last:2"])
def test_transfer_strategies(transfer: str) -> None:
    made = network(backbone="resnet18", size=32)
    made.set_transfer(transfer)
    made.train()
    stages = len(made.backbone.stages())
    n = {"scratch": stages, "finetune": stages, "frozen": 0, "last:1": 1, "last:2": 2}[transfer]
    assert learning(made) == [False] * (stages - n) + [True] * n
    assert made.frozen == (n == 0)
    assert all(p.requires_grad for p in made.head.parameters())
    norms = [m for m in made.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert [m.training for m in norms] == [m.weight.requires_grad for m in norms]


def test_more_last_stages_than_there_are() -> None:
    with pytest.raises(SettingsError, match="stages"):
        network(backbone="resnet18", size=32).set_transfer("last:99")


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_the_share_asked_for_and_keeps_the_mean(p: float) -> None:
    torch.manual_seed(0)
    values = torch.ones(501, 333, requires_grad=True)
    dropped = Dropout(p)(values)
    assert (dropped == 0).float().mean().item() == pytest.approx(p, abs=0.01)
    assert sorted(dropped.unique().tolist()) == pytest.approx([0.0, 1 / (1 - p)])
    dropped.sum().backward()
    assert values.grad is not None
    assert torch.equal(values.grad, dropped)  # the same values are dropped on the way back
    columns = (dropped == 0).float().mean(0)
    assert columns.std().item() == pytest.approx((p * (1 - p) / 501) ** 0.5, rel=0.15)  # decisions are independent


def test_dropout_follows_torchs_seed_and_rests_in_evaluation() -> None:
    values = torch.ones(64, 7)
    layer = Dropout(0.5)
    torch.manual_seed(3)
    first, second = layer(values), layer(values)
    torch.manual_seed(3)
    assert torch.equal(layer(values), first)
    assert not torch.equal(first, second)
    assert layer.eval()(values) is values


def test_the_penalty_and_its_gradient_follow_the_formula() -> None:
    torch.manual_seed(0)
    head = Head(6, HeadSettings(hidden=None, dim=4, l2=0.3))
    head.penalty().backward()
    kernel = head.descriptor.weight
    assert head.penalty().item() == pytest.approx(0.3 * sum(v * v for row in kernel.tolist() for v in row), rel=1e-5)
    torch.testing.assert_close(kernel.grad, 2 * 0.3 * kernel.detach())
