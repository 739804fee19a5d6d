"""The options of every loss, by name. No torch here.

Other distributions add losses by the entry points `podoba.losses`: each names a class of options (`PluginLoss`).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from podoba.errors import PodobaError
from podoba.plugins import plugins

GROUP = "podoba.losses"


class LossOptions(BaseModel):
    """Base of the options of a loss: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str


class PluginLoss(LossOptions):
    """Base of the options of a loss that another distribution adds.

    A child gives `name` the default by which the loss is chosen, and its options as fields. It must not import torch at its top:
    settings are checked where torch is not installed.

    Attributes:
        needs_logits: the network owns a dense layer over the classes, and the loss is handed its output.
        needs_pairs: batches should hold several images of a class.
    """

    needs_logits: ClassVar[bool] = False
    needs_pairs: ClassVar[bool] = False

    def build(self, *, dim: int, class_names: Sequence[str], class_counts: Sequence[int]) -> Any:
        """The loss, a `podoba.learn.losses.base.Loss`, with these options.

        Args:
            dim: numbers in a descriptor.
            class_names: classes in the order of their label numbers.
            class_counts: training images of each.
        """
        raise NotImplementedError


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
    def _margins_apart(self) -> Self:
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


LOSSES = {loss.model_fields["name"].default: loss for loss in get_args(PlainLoss)}


def known_losses() -> list[str]:
    """Names that `loss.name` takes: ours, then those of other distributions, which are not imported for it."""
    return [*LOSSES, "combined", *plugins(GROUP)]


def plugin_losses() -> dict[str, type[PluginLoss]]:
    """The classes of options that other distributions add, by name; they are imported.

    Raises:
        PodobaError: one that cannot be loaded, or is no `PluginLoss` of that name.
    """
    return {name: _plugin(name) for name in plugins(GROUP)}


def _plugin(name: str) -> type[PluginLoss]:
    options = plugins(GROUP)[name]
    if not (isinstance(options, type) and issubclass(options, PluginLoss) and options.model_fields["name"].default == name):
        raise PodobaError(f"{GROUP}: {name!r} is no PluginLoss whose name is {name!r}: update or uninstall its package")
    return options


def _with_plugins(value: Any, built_in: ValidatorFunctionWrapHandler) -> Any:
    """Options of a loss of ours, or of another distribution's where it has the name."""
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    if name == "combined" or name in LOSSES or name not in plugins(GROUP):
        return built_in(value)
    return _plugin(str(name)).model_validate(value)


def _usual_parts() -> list[PlainLoss]:
    return [CrossEntropy(), SupCon()]


class Combined(LossOptions):
    """A weighted sum of several losses on the same batch, such as a classification loss and a metric loss."""

    name: Literal["combined"] = "combined"
    parts: list[Annotated[SerializeAsAny[Annotated[PlainLoss, Field(discriminator="name")]], WrapValidator(_with_plugins)]] = (
        Field(default_factory=_usual_parts, min_length=2, description="Losses, each with its own options.")
    )
    weights: list[Annotated[float, Field(gt=0)]] | None = Field(None, description="One a part; null: all 1.")

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.parts):
            raise ValueError(f"{len(self.weights)} weights for {len(self.parts)} parts: give one a part")
        return self


def usual_loss() -> Combined:
    """The loss of a training that names none: classification and pairs together, whose descriptors are good on few and on many
    classes, small and large ones (docs/explanation/findings.md)."""
    return Combined(parts=[CrossEntropy(scale=12.0, label_smoothing=0.1), SupCon()])


LossSettings = PlainLoss | Combined
AnyLoss = Annotated[SerializeAsAny[Annotated[LossSettings, Field(discriminator="name")]], WrapValidator(_with_plugins)]
