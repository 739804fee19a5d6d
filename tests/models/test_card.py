"""The card that travels inside a model file."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from podoba.errors import ModelError
from podoba.images.resize import PixelRule
from podoba.models.calibration import Calibration
from podoba.models.card import Card, TrainingData, pixel_facts

AT_ODDS = '{"name": "x", "input_size": 8, "shortest": 7, "resize": "crop", "dim": 3, "backbone": "b"}'


def test_a_card_survives_its_json() -> None:
    card = Card.make(
        name="flowers",
        input_size=64,
        dim=128,
        backbone="resnet18",
        loss="triplet",
        training_data=[TrainingData(name="квіти 🌸", images=1020, classes=102, licence="CC0")],
        classes=["rose", "троянда"],
        metrics={"knn_score": 0.93},
        intervals={"knn_score": (0.91, 0.95)},
        calibration=Calibration(nearness=2, contrast=0.5, intercept=-4, usual_mean=0.3, usual_spread=0.125),
        settings={"epochs": 3, "loss": {"name": "triplet"}},
    )
    again = Card.from_json(card.to_json())
    assert again == card
    assert again.created
    assert again.podoba_version


@pytest.mark.parametrize(
    "rule", [PixelRule(64), PixelRule(9, "pad", fill=(1, 2, 3)), PixelRule(224, "crop", 256, "bilinear", "round", exact=True)]
)
def test_a_card_states_a_pixel_rule(rule: PixelRule) -> None:
    card = Card(name="x", dim=3, backbone="b", **pixel_facts(rule))
    assert (card.pixels, Card.from_json(card.to_json()).pixels) == (rule, rule)


def test_a_card_of_an_older_podoba_means_what_it_meant() -> None:
    text = '{"name": "x", "input_size": 8, "resize": "crop", "dim": 3, "backbone": "b"}'
    assert Card.from_json(text).pixels == PixelRule(8, "crop")


def test_a_card_of_a_newer_podoba_with_further_fields_can_be_read() -> None:
    text = '{"name": "x", "input_size": 8, "dim": 3, "backbone": "b", "colour_space": "linear"}'
    assert Card.from_json(text).dim == 3


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"name": "x", "input_size": 0, "dim": 3, "backbone": "b"}', "...", AT_ODDS])
def test_a_damaged_card_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="card is damaged"):
        Card.from_json(text)


def test_a_card_knows_probabilities_only_where_it_is_calibrated() -> None:
    card = Card(name="x", input_size=8, dim=3, backbone="b")
    assert card.probability(0.5) is None
    calibration = Calibration(nearness=2, contrast=0.5, intercept=-4, usual_mean=0.3, usual_spread=0.125)
    found = card.model_copy(update={"calibration": calibration}).probability(np.array(0.5, dtype=np.float32))
    assert found == calibration.probability(0.5)


def test_a_calibration_of_an_earlier_kind_is_none() -> None:
    text = '{"name": "x", "input_size": 8, "dim": 3, "backbone": "b", "calibration": {"slope": 12.5, "intercept": -6}}'
    assert Card.from_json(text).calibration is None


def test_a_card_is_parsed_once_and_cannot_be_changed() -> None:
    text = Card(name="a", input_size=8, dim=3, backbone="none").to_json()
    assert Card.from_json(text) is Card.from_json(text)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Card.from_json(text), "name", "b")  # noqa: B010  (mypy knows that it is read-only)
