from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter, ValidationError

from podoba.errors import PodobaError, SettingsError
from podoba.runs.loss_settings import CrossEntropy, LossSettings, known_losses
from podoba.runs.settings_file import check_settings, valid_keys

OPTIONS = """
from typing import Literal
from pydantic import Field
from podoba.runs.loss_settings import PluginLoss

class Rounds(PluginLoss):
    name: Literal["rounds"] = "rounds"
    radius: float = Field(1.0, gt=0)
    layers: dict[str, int] = {}
"""


@pytest.fixture
def rounds(install_plugin: Callable[..., None]) -> None:
    """A loss of another distribution."""
    install_plugin("rounds", "rounds_losses", OPTIONS, "rounds = rounds_losses:Rounds")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "cross-entropy", "class_weights": {"a": -1.0}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": {"a": float("nan")}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": {"a": True}}, "weight of 'a'"),
        ({"name": "cross-entropy", "class_weights": "inverse"}, "none, balanced"),
        ({"name": "cross-entropy", "label_smoothing": 1.0}, "label_smoothing"),
        ({"name": "triplet", "margin": float("inf")}, "finite"),
        ({"name": "triplet", "minning": "hard"}, "minning"),
        ({"name": "contrastive", "pos_margin": 1.0, "neg_margin": 0.5}, "pos_margin must be below"),
        ({"name": "arcface", "margin": 95}, "margin"),
    ],
)
def test_options_that_no_loss_can_work_with_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(LossSettings).validate_python(options)


def test_classes_named_by_numbers_keep_their_weights() -> None:
    assert CrossEntropy.model_validate({"class_weights": {0: 1, "1": 2.5}}).class_weights == {"0": 1.0, "1": 2.5}


@pytest.mark.usefixtures("rounds")
def test_a_loss_of_another_distribution_has_typed_options() -> None:
    settings = check_settings({"train": "x", "loss": {"name": "rounds", "radius": 2}})
    assert settings.model_dump(mode="json")["loss"] == {"name": "rounds", "radius": 2.0, "layers": {}}
    assert check_settings(settings.model_dump(mode="json")) == settings
    assert "loss.radius" in valid_keys()
    assert "rounds" in known_losses()


@pytest.mark.usefixtures("rounds")
@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ({"name": "rounds", "radus": 2}, r"unknown setting 'loss\.radus': did you mean 'loss\.radius'\?"),
        ({"name": "rounds", "radius": 0}, r"^loss\.radius = 0: "),
        ({"name": "rounds", "layers": {"a": "many"}}, r"^loss\.layers\.a = 'many': "),
        ({"name": "round"}, r"^loss\.name: one of 'cross-entropy', .*, 'combined', 'rounds' is needed"),
        ({"name": "combined", "parts": [{"name": "supcon"}, {"name": "rounds", "radius": -1}]}, r"radius = -1: "),
    ],
)
def test_mistakes_in_its_options_are_one_line(loss: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        check_settings({"train": "x", "loss": loss})
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("rounds")
def test_other_losses_do_not_import_it() -> None:
    assert check_settings({"train": "x", "loss": {"name": "triplet"}}).loss.name == "triplet"
    assert "rounds_losses" not in sys.modules


@pytest.mark.parametrize("point", ["rounds_losses:OPTIONS", "rounds_losses:Rounds"])
def test_a_plugin_that_is_no_options_of_that_name_is_refused(point: str, install_plugin: Callable[..., None]) -> None:
    install_plugin("odd", "rounds_losses", OPTIONS + "OPTIONS = 3", f"odd = {point}")
    with pytest.raises(PodobaError, match=r"podoba\.losses: 'odd' is no PluginLoss"):
        check_settings({"train": "x", "loss": {"name": "odd"}})
