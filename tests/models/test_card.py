"""The card that travels inside a model file."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from podoba.errors import ModelError
from podoba.images.resize import PixelRule
from podoba.models.card import Calibration, Card, TrainingData, pixel_facts

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
        calibration=Calibration(slope=12.5, intercept=-6),
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


def test_probability_is_the_logistic_of_similarity_or_absent() -> None:
    card = Card(name="x", input_size=8, dim=3, backbone="b")
    assert card.probability(0.5) is None
    card = card.model_copy(update={"calibration": Calibration(slope=10.0, intercept=-5.0)})
    found = card.probability(np.array([-1.0, 0.5, 1.0], dtype=np.float32))
    assert found is not None
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-np.array([-15.0, 0.0, 5.0]))), rtol=1e-9)
    card = card.model_copy(update={"calibration": Calibration(slope=1e5, intercept=0.0)})
    with np.errstate(over="raise", invalid="raise"):  # no overflow, however steep
        np.testing.assert_array_equal(card.probability(np.array([-1.0, 1.0])), [0.0, 1.0])


def test_a_card_is_parsed_once_and_cannot_be_changed() -> None:
    text = Card(name="a", input_size=8, dim=3, backbone="none").to_json()
    assert Card.from_json(text) is Card.from_json(text)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Card.from_json(text), "name", "b")  # noqa: B010  (mypy knows that it is read-only)
