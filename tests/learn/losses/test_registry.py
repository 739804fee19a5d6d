from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn
from torch.nn import functional

from podoba.errors import SettingsError
from podoba.learn.losses.registry import LOSSES, build_loss, needs_logits, needs_pairs
from podoba.runs.loss_settings import AnyLoss, Combined, LossOptions, LossSettings

LABELS = torch.arange(24) % 3


PLUGIN = "plugin"  # of the fixture below
CODE = """
from typing import ClassVar, Literal
from podoba.runs.loss_settings import PluginLoss

class Options(PluginLoss):
    name: Literal["plugin"] = "plugin"
    strength: float = 1.0
    needs_logits: ClassVar[bool] = True
    needs_pairs: ClassVar[bool] = True

    def build(self, *, dim, class_names, class_counts):
        from torch.nn import functional
        from podoba.learn.losses.base import Loss

        class Made(Loss):
            needs_logits = True
            needs_pairs = True

            def cost(inner, descriptors, labels, logits):
                return self.strength * functional.cross_entropy(logits, labels) + 0.01 * descriptors.square().mean()

        return Made()
"""


@pytest.fixture(autouse=True)
def _plugin(install_plugin: Callable[..., None]) -> None:
    install_plugin("others", "others_losses", CODE, f"{PLUGIN} = others_losses:Options")


def options(name: str) -> LossOptions:
    settings: LossOptions = TypeAdapter(AnyLoss).validate_python({"name": name})
    return settings


class Toy(nn.Module):
    """A loss, the descriptors it is to move, and the classifier of a network."""

    def __init__(self, name: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.raw = nn.Parameter(torch.randn(24, 6))
        self.dense = nn.Linear(6, 3)
        self.loss = build_loss(options(name), dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])

    def forward(self, labels: Tensor = LABELS) -> Tensor:
        descriptors = functional.normalize(self.raw[: len(labels)])
        value: Tensor = self.loss(descriptors, labels, self.dense(descriptors) if self.loss.needs_logits else None)
        return value

    def fit(self, steps: int) -> list[float]:
        optimizer = torch.optim.Adam(self.parameters(), lr=0.05)
        values = []
        for _ in range(steps):
            value = self()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            values.append(value.item())
        return values


@pytest.fixture(params=[*sorted(LOSSES), PLUGIN])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_finite_scalar_whose_gradient_reaches_descriptors_and_own_weights(name: str) -> None:
    toy = Toy(name)
    value = toy()
    value.backward()
    assert value.ndim == 0
    assert value.dtype == torch.float32
    assert torch.isfinite(value)
    for weight in (toy.raw, *toy.loss.parameters()):
        assert weight.grad is not None
        assert weight.grad.isfinite().all()
        assert weight.grad.any()


def test_falls_when_optimised_and_the_same_every_time(name: str) -> None:
    values = Toy(name).fit(40)
    assert values[-1] < 0.9 * values[0]
    assert Toy(name).fit(3) == values[:3]


def test_state_dict_round_trip(name: str) -> None:
    toy, fresh = Toy(name), Toy(name)
    toy.fit(5)
    assert toy().item() != fresh().item()
    fresh.load_state_dict(toy.state_dict())
    assert torch.equal(toy(), fresh())


@pytest.mark.parametrize("size", [1, 4])
def test_a_batch_of_one_class_can_be_learned_from(name: str, size: int) -> None:
    toy = Toy(name)
    value = toy(torch.zeros(size, dtype=torch.int64))
    value.backward()
    assert torch.isfinite(value)
    assert toy.raw.grad is not None
    assert toy.raw.grad.isfinite().all()


def test_a_batch_without_a_pair_can_be_learned_from(name: str) -> None:
    toy = Toy(name)
    value = toy(torch.arange(3))
    value.backward()
    assert torch.isfinite(value)
    assert toy.raw.grad is not None
    assert toy.raw.grad.isfinite().all()


def test_every_option_model_has_a_loss() -> None:
    known = {model.model_fields["name"].default for model in LossSettings.__args__}
    assert known == set(LOSSES)


def test_what_a_loss_needs_is_known_before_it_is_built() -> None:
    for name in (*LOSSES, PLUGIN):
        loss = Toy(name).loss
        assert (needs_logits(options(name)), needs_pairs(options(name))) == (loss.needs_logits, loss.needs_pairs)
    assert not needs_pairs(options("cross-entropy"))
    assert needs_logits(options("combined"))
    assert needs_pairs(options("combined"))


def test_a_plugin_may_be_a_part_of_a_combined_loss() -> None:
    told = TypeAdapter(AnyLoss).validate_python(
        {"name": "combined", "parts": [{"name": "supcon"}, {"name": PLUGIN, "strength": 3}]}
    )
    assert told.model_dump()["parts"][1] == {"name": PLUGIN, "strength": 3.0}
    loss = build_loss(told, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])
    assert loss(functional.normalize(torch.randn(24, 6)), LABELS, torch.randn(24, 3)).isfinite()


def test_a_plugin_that_builds_no_loss_is_refused(install_plugin: Callable[..., None]) -> None:
    code = CODE.replace("return Made()", "return 3").replace('"plugin"', '"odd"')
    install_plugin("odd", "odd_losses", code, "odd = odd_losses:Options")
    with pytest.raises(SettingsError, match="loss 'odd' builds a int, not a Loss"):
        build_loss(options("odd"), dim=6, class_names=["a"], class_counts=[8])


def test_combined_is_the_weighted_sum_of_its_parts() -> None:
    told = TypeAdapter(Combined).validate_python(
        {"name": "combined", "parts": [{"name": "cross-entropy"}, {"name": "triplet", "margin": 0.3}], "weights": [0.5, 2.0]}
    )
    assert isinstance(told, Combined)
    loss = build_loss(told, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])
    descriptors, logits = functional.normalize(torch.randn(24, 6)), torch.randn(24, 3)
    parts = [
        build_loss(part, dim=6, class_names=["a", "b", "c"], class_counts=[8, 8, 8])(descriptors, LABELS, logits)
        for part in told.parts
    ]
    torch.testing.assert_close(loss(descriptors, LABELS, logits), 0.5 * parts[0] + 2.0 * parts[1])


def test_combined_wants_a_weight_for_each_part() -> None:
    with pytest.raises(ValueError, match="1 weights for 2 parts"):
        TypeAdapter(LossSettings).validate_python({"name": "combined", "weights": [1.0]})
