"""The options of every loss, by name. No torch here."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class LossOptions(BaseModel):
    """Base of the options of a loss: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CrossEntropy(LossOptions):
    """Softmax over the classes on the descriptor; L = -(1/N) sum ln p(c = y_i | x_i)."""

    name: Literal["cross-entropy"] = "cross-entropy"
    class_weights: Literal["none", "balanced"] | dict[str, float] = Field(
        "none", description="balanced: N / (classes * images of the class); or a weight for each class by name."
    )
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    scale: float = Field(1.0, gt=0, description="Factor of the logits (inverse temperature).")

    @field_validator("class_weights", mode="before")
    @classmethod
    def _weights_positive(cls, value: object) -> object:
        if not isinstance(value, dict):
            if value not in ("none", "balanced"):
                raise ValueError("give none, balanced, or a weight for each class by name")
            return value
        for name, weight in value.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
                raise ValueError(f"the weight of {name!r} must be a number above 0")
        return {str(name): weight for name, weight in value.items()}  # YAML reads the class 3 as a number


class Triplet(LossOptions):
    """max(d(a,p) - d(a,n) + margin, 0), averaged over the triplets that the mining rule picks in a batch."""

    name: Literal["triplet"] = "triplet"
    mining: Literal["semi-hard", "hard", "all", "easy-positive"] = "semi-hard"
    margin: float = Field(1.0, gt=0)
    distance: Literal["euclidean", "squared-euclidean", "cosine"] = "euclidean"


class Contrastive(LossOptions):
    """Pulls positives under one distance and pushes negatives over another (Hadsell et al., 2006)."""

    name: Literal["contrastive"] = "contrastive"
    pos_margin: float = Field(0.0, ge=0)
    neg_margin: float = Field(1.0, gt=0)

    @model_validator(mode="after")
    def _margins_apart(self) -> Contrastive:
        if self.pos_margin >= self.neg_margin:
            raise ValueError("pos_margin must be below neg_margin")
        return self


class MultiSimilarity(LossOptions):
    """Multi-similarity loss (Wang et al., 2019)."""

    name: Literal["multi-similarity"] = "multi-similarity"
    alpha: float = Field(2.0, gt=0)
    beta: float = Field(50.0, gt=0)
    base: float = 0.5


class ArcFace(LossOptions):
    """Additive angular margin (Deng et al., 2019); `margin` in degrees."""

    name: Literal["arcface"] = "arcface"
    margin: float = Field(28.6, gt=0, lt=90)
    scale: float = Field(64.0, gt=0)


class CosFace(LossOptions):
    """Additive cosine margin (Wang et al., 2018)."""

    name: Literal["cosface"] = "cosface"
    margin: float = Field(0.35, gt=0)
    scale: float = Field(64.0, gt=0)


class ProxyAnchor(LossOptions):
    """A learned proxy a class as anchor (Kim et al., 2020)."""

    name: Literal["proxy-anchor"] = "proxy-anchor"
    margin: float = Field(0.1, gt=0)
    alpha: float = Field(32.0, gt=0)


class SupCon(LossOptions):
    """Supervised contrastive learning (Khosla et al., 2020)."""

    name: Literal["supcon"] = "supcon"
    temperature: float = Field(0.1, gt=0)


class Circle(LossOptions):
    """Circle loss (Sun et al., 2020)."""

    name: Literal["circle"] = "circle"
    m: float = Field(0.4, ge=-1, le=1)
    gamma: float = Field(80.0, gt=0)


class NTXent(LossOptions):
    """Normalised temperature-scaled cross-entropy of pairs (Sohn, 2016; Chen et al., 2020)."""

    name: Literal["nt-xent"] = "nt-xent"
    temperature: float = Field(0.07, gt=0)


PlainLoss = CrossEntropy | Triplet | Contrastive | MultiSimilarity | ArcFace | CosFace | ProxyAnchor | SupCon | Circle | NTXent


def _usual_parts() -> list[PlainLoss]:
    return [CrossEntropy(), SupCon()]


class Combined(LossOptions):
    """A weighted sum of several losses on the same batch, such as a classification loss and a metric loss."""

    name: Literal["combined"] = "combined"
    parts: list[Annotated[PlainLoss, Field(discriminator="name")]] = Field(
        default_factory=_usual_parts, min_length=2, description="Losses, each with its own options."
    )
    weights: list[Annotated[float, Field(gt=0)]] | None = Field(None, description="One a part; null: all 1.")

    @model_validator(mode="after")
    def _weights_fit(self) -> Combined:
        if self.weights is not None and len(self.weights) != len(self.parts):
            raise ValueError(f"{len(self.weights)} weights for {len(self.parts)} parts: give one a part")
        return self


LossSettings = PlainLoss | Combined
