"""The card of a descriptor model: the facts that travel inside its file."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from podoba.errors import ModelError
from podoba.images.resize import Centre, Fit, PixelRule, Resample
from podoba.models.calibration import Background, Calibration

CARD_KEY = "podoba_card"


class TrainingData(BaseModel):
    """Images a model was trained on."""

    name: str
    images: int | None = None
    classes: int | None = None
    licence: str | None = None


class Source(BaseModel):
    """Where the file of an imported model came from."""

    repository: str | None = None
    revision: str | None = None
    file: str | None = None
    sha256: str | None = None


class Card(BaseModel):
    """What a model is, what it was made of and how good it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    version: str = "1"
    input_size: int = Field(ge=1)
    dim: int = Field(ge=1)
    resize: Fit = "stretch"
    shortest: int | None = None
    resample: Resample = "bicubic"
    centre: Centre = "floor"
    exact: bool = False
    fill: tuple[int, int, int] | None = None
    precision: Literal["float32", "float16", "int8"] = "float32"
    one_at_a_time: bool = False  # in a batch with others an image would get another descriptor than alone
    backbone: str
    loss: str | None = None
    training_data: list[TrainingData] = Field(default_factory=list)
    classes: list[str] = Field(default_factory=list)
    metrics: dict[str, float] = Field(default_factory=dict)
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict)  # 95%, of metrics by their names
    calibration: Calibration | None = None
    source: Source | None = None
    licence: str | None = None
    created: str = ""
    podoba_version: str = ""
    weights_sha256: str = ""
    notes: str = ""
    settings: dict[str, Any] | None = None

    @classmethod
    def make(cls, **facts: Any) -> Self:
        """A card of today and of this version of podoba."""
        return cls(**({"created": datetime.now(UTC).date().isoformat(), "podoba_version": version("podoba")} | facts))

    @property
    def pixels(self) -> PixelRule:
        """How a picture becomes the pixels that the model takes."""
        return PixelRule(self.input_size, self.resize, self.shortest, self.resample, self.centre, self.exact, self.fill)

    @model_validator(mode="after")
    def _has_a_pixel_rule(self) -> Self:
        _ = self.pixels  # raises ValueError where its fields are at odds
        return self

    def to_json(self) -> str:
        """One line of JSON."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """The card of its JSON, which is parsed once however often it is read. Raises `ModelError` where it is none."""
        return _parsed(text)

    @field_validator("calibration", mode="before")
    @classmethod
    def _none_of_an_earlier_kind(cls, value: Any) -> Any:
        """Earlier versions calibrated by another curve, of which nothing can be made."""
        return None if isinstance(value, dict) and "slope" in value else value

    def probability(
        self, similarity: NDArray[np.floating] | float, background: Background | None = None
    ) -> NDArray[np.float64] | None:
        """Calibrated chance that pairs are of one kind, as `Calibration.probability`; None where never calibrated."""
        return None if self.calibration is None else self.calibration.probability(similarity, background)


def pixel_facts(rule: PixelRule) -> dict[str, Any]:
    """The fields of a card that state a pixel rule."""
    facts = asdict(rule)
    return {"input_size": facts.pop("size"), "resize": facts.pop("fit"), **facts}


@lru_cache(maxsize=32)
def _parsed(text: str) -> Card:
    try:
        return Card.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(f"the model's card is damaged ({error.error_count()} wrong fields): export the model anew") from error


def card_of(session: Any, path: Path) -> Card:
    """The card that an ONNX Runtime session's file carries. Raises `ModelError` where there is none."""
    text = session.get_modelmeta().custom_metadata_map.get(CARD_KEY)
    if text is None:
        raise ModelError(
            f"{path}: an ONNX file without a podoba card, so its input and training are unknown: train a model with "
            "`podoba train`, or write a card into the file as docs/reference/models.md shows"
        )
    try:
        return Card.from_json(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
