from __future__ import annotations

import math
from typing import get_args

import pytest
import torch
from torch import nn

from podoba.errors import SettingsError
from podoba.learn.fit.optim import build_optimizer, build_schedule, parameter_groups, rate
from podoba.runs.settings import OptimizerSettings, ScheduleSettings

NAMES = get_args(OptimizerSettings.model_fields["name"].annotation)


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_goes_downhill(name: str) -> None:
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    x = torch.randn(32, 4)
    settings = OptimizerSettings.model_validate({"name": name, "lr": 0.01})
    optimizer = build_optimizer(parameter_groups(nn.Identity(), [model], nn.Identity(), settings, "scratch"), settings)
    losses = []
    for _ in range(30):
        loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("transfer", "given", "expected"), [("scratch", None, 0.1), ("finetune", None, 0.01), ("last:1", 0.003, 0.003)]
)
def test_rates_and_decay_of_the_groups(transfer: str, given: float | None, expected: float) -> None:
    settings = OptimizerSettings(lr=0.1, backbone_lr=given, weight_decay=0.5)
    groups = parameter_groups(nn.Linear(3, 3), [nn.Linear(3, 2)], nn.Linear(1, 1), settings, transfer)
    rates = {group["name"]: group["lr"] for group in groups}
    assert rates["backbone weights"] == pytest.approx(expected)
    assert rates["head weights"] == 0.1
    assert {g["name"]: g["weight_decay"] for g in groups} == {
        "backbone weights": 0.5, "backbone biases": 0.0, "head weights": 0.5, "head biases": 0.0,
    }  # fmt: skip
    assert sum(len(group["params"]) for group in groups) == 6


def test_frozen_weights_are_in_no_group() -> None:
    frozen = nn.Linear(2, 2).requires_grad_(False)
    groups = parameter_groups(frozen, [nn.Linear(2, 2)], nn.Identity(), OptimizerSettings(), "frozen")
    assert [group["name"] for group in groups] == ["head weights", "head biases"]


@pytest.mark.parametrize("options", [{"name": "nesterov", "momentum": 0.0}, {"name": "adam", "betas": (1.5, 0.9)}])
def test_numbers_no_optimizer_can_work_with(options: dict[str, object]) -> None:
    settings = OptimizerSettings.model_validate(options)
    with pytest.raises(SettingsError, match=r"optimizer\.(momentum|betas)"):
        build_optimizer(parameter_groups(nn.Linear(1, 1), [], nn.Identity(), settings, "scratch"), settings)


def test_sgd_has_no_momentum() -> None:
    weight = nn.Linear(1, 1, bias=False)
    settings = OptimizerSettings(name="sgd", lr=0.5)
    optimizer = build_optimizer(parameter_groups(weight, [], nn.Identity(), settings, "scratch"), settings)
    start = float(weight.weight.detach())
    for step in range(1, 4):
        weight.weight.grad = torch.ones(1, 1)
        optimizer.step()
        assert float(weight.weight.detach()) == pytest.approx(start - 0.5 * step)


def test_decay_shrinks_matrices_and_kernels_alone() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(1, 1))
    settings = OptimizerSettings(name="adamw", lr=0.1, weight_decay=0.5)
    optimizer = build_optimizer(parameter_groups(model, [], nn.Identity(), settings, "scratch"), settings)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    shrunk = {name for name, p in model.named_parameters() if not torch.equal(p.detach(), before[name])}
    assert shrunk == {"0.weight", "3.weight"}


def test_proxies_of_a_loss_learn_at_the_rate_of_the_head() -> None:
    groups = parameter_groups(nn.Linear(1, 1), [], nn.Linear(2, 2, bias=False), OptimizerSettings(lr=0.1), "finetune")
    assert {group["name"]: group["lr"] for group in groups} == {
        "backbone weights": pytest.approx(0.01),
        "backbone biases": pytest.approx(0.01),
        "head weights": 0.1,
    }


def course(name: str, **options: object) -> list[float]:
    settings = ScheduleSettings.model_validate({"name": name, **options})
    return [rate(step, settings, 10, 4) for step in range(40)]


def test_shapes_of_the_schedules() -> None:
    assert course("constant") == [1.0] * 40
    assert course("step", every=1, gamma=0.5) == [0.5 ** (i // 10) for i in range(40)]
    cosine = course("cosine", final=0.1)
    assert cosine[0] == 1.0
    assert cosine[20] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 2)) / 2)
    one = course("one-cycle", rise=0.25)
    assert one.index(max(one)) == 10
    assert one[-1] < 0.05
    warm = course("cosine", warmup=1.0)
    assert warm[:10] == sorted(warm[:10])
    assert max(warm) == pytest.approx(1.0)


def test_schedules_stay_between_nothing_and_the_full_rate() -> None:
    for name in get_args(ScheduleSettings.model_fields["name"].annotation):
        for warmup in (0.0, 0.5, 9.0) if name != "one-cycle" else (0.0,):
            assert all(0 < share <= 1 for share in course(name, warmup=warmup, **({"every": 1.0} if name == "step" else {})))


def test_scheduler_follows_the_rate() -> None:
    settings = OptimizerSettings(name="sgd", lr=0.2)
    optimizer = build_optimizer(parameter_groups(nn.Linear(1, 1), [], nn.Identity(), settings, "scratch"), settings)
    schedule = ScheduleSettings(name="one-cycle")
    scheduler = build_schedule(optimizer, schedule, 5, 2)
    for step in range(10):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2 * rate(step, schedule, 5, 2))
        optimizer.step()
        scheduler.step()
