from __future__ import annotations

import pytest
import torch
from pydantic import TypeAdapter
from torch.nn import functional

from podoba.learn.losses.base import Loss
from podoba.learn.losses.registry import LOSSES, build_loss
from podoba.learn.losses.settings import LossSettings


def build(name: str) -> Loss:
    settings: LossSettings = TypeAdapter(LossSettings).validate_python({"name": name})
    return build_loss(settings, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_contract(name: str) -> None:
    torch.manual_seed(0)
    loss = build(name)
    labels = torch.arange(24) % 3
    raw = torch.randn(24, 6, requires_grad=True)
    dense = torch.nn.Linear(6, 3)
    optimizer = torch.optim.Adam([raw, *dense.parameters(), *loss.parameters()], lr=0.05)
    values = []
    for _ in range(60):
        descriptors = functional.normalize(raw)
        value = loss(descriptors, labels, dense(descriptors) if loss.needs_logits else None)
        assert value.ndim == 0
        assert torch.isfinite(value)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(float(value))
    assert raw.grad is not None
    assert values[-1] < values[0]

    descriptors = functional.normalize(raw.detach())
    logits = dense(descriptors) if loss.needs_logits else None
    again = build(name)
    again.load_state_dict(loss.state_dict())
    assert torch.equal(loss(descriptors, labels, logits), again(descriptors, labels, logits))
    one_class = functional.normalize(torch.randn(4, 6)).requires_grad_()
    alone = loss(one_class, torch.zeros(4, dtype=torch.int64), dense(one_class) if loss.needs_logits else None)
    alone.backward()
    assert torch.isfinite(alone)


def test_every_option_model_has_a_loss() -> None:
    known = {model.model_fields["name"].default for model in LossSettings.__args__}
    assert known == set(LOSSES)
