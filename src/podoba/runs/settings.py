"""The settings of a training: typed, one sentence a field, cross-checked when built; an unknown key is an error.

No torch here: a plan or a `--set` is checked before anything heavy is imported.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from podoba.models.bundled import BUNDLED, DEFAULT_MODEL, bundled_folder
from podoba.models.names import WEIGHTS
from podoba.runs.loss_settings import AnyLoss, usual_loss

AugmentationName = Literal[
    "none", "shift-zoom-rotate", "shift-zoom-rotate-flip", "flip", "crop", "colour-jitter", "random-erasing", "downscale",
    "randaugment", "mixup",
]  # fmt: skip


WIDEST = 512  # numbers in a descriptor where the settings leave that open


class Model(BaseModel):
    """Base of every group of settings: unknown keys are refused, values cannot change once checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def refuse_idle(group: BaseModel, key: str, users: Mapping[str, Sequence[str]]) -> None:
    """Refuse a value that is not the default and that the named kind does not look at.

    Args:
        key: of the group, such as `optimizer`.
        users: option -> names of the kinds that look at it.

    Raises:
        ValueError: such a value; names the kinds that look at it.
    """
    name = getattr(group, "name")  # noqa: B009
    for option, kinds in users.items():
        if name not in kinds and getattr(group, option) != type(group).model_fields[option].default:
            raise ValueError(
                f"{option} does nothing with {key}.name={name}: choose {' or '.join(kinds)} as {key}.name, or leave it out"
            )


class BackboneSettings(Model):
    """The convolutional (or transformer) part that turns an image into features."""

    name: str = Field(DEFAULT_MODEL, description="A bundled model, a network of our own (`small-...`), any timm name or alias.")
    pretrained: bool | str = Field(True, description="true: published weights; false: random; a path: local weights file.")
    transfer: str = Field(
        "auto",
        pattern=r"^(auto|scratch|frozen|finetune|frozen-then-finetune|last:[1-9][0-9]*)$",
        description="What of the backbone learns: scratch, frozen, last:N stages, finetune, frozen-then-finetune; auto: what a "
        "short trial on held-out images finds better, frozen or finetune (scratch where there are no pretrained weights).",
    )
    fast_convolutions: bool = Field(
        True, description="On a CPU compute 3x3 convolutions as matrix products where that is faster; equal up to rounding."
    )
    frozen_epochs: int = Field(3, ge=1, description="Epochs before the thaw under frozen-then-finetune.")

    def weights_file(self) -> Path | None:
        """The local file of weights that the backbone starts from; None: random ones, or published ones."""
        if self.transfer == "scratch":
            return None
        if isinstance(self.pretrained, str):
            return Path(self.pretrained)
        return bundled_folder(self.name) / WEIGHTS if self.pretrained and self.name in BUNDLED else None


class HeadSettings(Model):
    """The dense layers between features and descriptor."""

    hidden: int | None = Field(None, ge=1, description="Width of the hidden dense layer with ReLU; null: none.")
    dim: int | None = Field(
        None, ge=2, description="Numbers in a descriptor; null: as many as the backbone's features have, 512 at most."
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="Probability with which a hidden number is dropped.")
    activation: Literal["none", "relu"] = Field("none", description="Activation of the descriptor layer.")
    batch_norm: bool = Field(False, description="Batch normalisation after each dense layer.")
    l2: float = Field(0.0, ge=0, description="Weight of the L2 regulariser on the descriptor layer's kernel.")

    def width(self, features: int) -> int:
        """Numbers in a descriptor of a backbone that gives so many features."""
        return self.dim or max(2, min(features, WIDEST))


class SamplerSettings(Model):
    """How images are put into batches."""

    name: Literal["auto", "shuffled", "balanced"] = Field(
        "auto", description="auto: balanced for metric losses, shuffled for classification and where both are combined."
    )
    per_class: int = Field(8, ge=2, description="balanced: images of a class in a batch (K).")
    classes: int | None = Field(None, ge=2, description="balanced: classes in a batch (P); null: batch_size / per_class.")


class OptimizerSettings(Model):
    """The rule by which weights change."""

    name: Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"] = "adam"
    lr: float = Field(3e-3, gt=0, description="Learning rate of head and, from scratch, of the backbone.")
    backbone_lr: float | None = Field(None, gt=0, description="Rate of a pretrained backbone; null: a tenth of lr.")
    weight_decay: float = Field(0.0, ge=0, description="Decay of weight matrices (never of biases and norms).")
    momentum: float = Field(0.9, ge=0, lt=1, description="Of momentum and nesterov.")
    betas: tuple[float, float] = Field((0.9, 0.999), description="Of adam and adamw.")

    @model_validator(mode="after")
    def _no_idle_option(self) -> Self:
        refuse_idle(self, "optimizer", {"momentum": ("momentum", "nesterov"), "betas": ("adam", "adamw")})
        return self


class ScheduleSettings(Model):
    """How the learning rate changes over the epochs; counted in steps."""

    name: Literal["constant", "step", "cosine", "one-cycle"] = "one-cycle"
    warmup: float = Field(
        0.0, ge=0, description="Epochs of linear rise from zero; not with one-cycle, which rises by itself (`rise`)."
    )
    every: float = Field(10, gt=0, description="step: epochs between drops.")
    gamma: float = Field(0.1, gt=0, lt=1, description="step: factor of a drop.")
    rise: float = Field(0.1, gt=0, lt=1, description="one-cycle: share of the training spent rising.")
    final: float = Field(0.0, ge=0, le=1, description="cosine, one-cycle: last rate as a share of lr.")
    restarts: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list,
        description="Epochs after which the schedule begins anew, over those up to the next; `--more-epochs` adds one.",
    )

    @model_validator(mode="after")
    def _no_idle_option(self) -> Self:
        users = {"every": ("step",), "gamma": ("step",), "rise": ("one-cycle",), "final": ("cosine", "one-cycle")}
        refuse_idle(self, "schedule", users)
        return self

    @model_validator(mode="after")
    def _one_rise(self) -> Self:
        if self.name == "one-cycle" and self.warmup > 0:
            raise ValueError("warmup does not go with one-cycle, which rises by itself: set schedule.rise instead")
        return self


class AugmentationSettings(Model):
    """Random changes of the training images; geometric ones are composed into one interpolation."""

    name: AugmentationName | list[AugmentationName] = Field("none", description="One technique or several together.")
    views: int | Literal["online"] = Field(8, description="Frozen backbone: cached views cycled over epochs, or online.")
    shift: float = Field(0.1, ge=0, lt=1, description="Largest shift as a share of the side.")
    zoom: float = Field(0.1, ge=0, lt=1, description="Scale is drawn from 1 - zoom to 1 + zoom.")
    rotate: float = Field(10.0, ge=0, le=180, description="Largest rotation, degrees.")
    crop: tuple[float, float] = Field((0.35, 1.0), description="crop: share of the area kept, from and to.")
    fill: Literal["reflect", "edge", "zero"] = Field("reflect", description="What lies outside the image.")
    brightness: float = Field(0.3, ge=0, le=1)
    contrast: float = Field(0.3, ge=0, le=1)
    saturation: float = Field(0.3, ge=0, le=1)
    hue: float = Field(0.05, ge=0, le=0.5)
    grey: float = Field(0.0, ge=0, le=1, description="colour-jitter: probability that an image loses its colours.")
    erase_probability: float = Field(0.5, ge=0, le=1)
    erase_area: tuple[float, float] = Field((0.02, 0.25), description="random-erasing: share of the area, from and to.")
    downscale_probability: float = Field(0.5, ge=0, le=1)
    downscale_size: float = Field(0.4, gt=0, le=1, description="downscale: smallest side as a share of the image's.")
    operations: int = Field(2, ge=1, le=5, description="randaugment: operations an image (N).")
    magnitude: float = Field(9.0, ge=0, le=30, description="randaugment: strength of an operation (M of 30).")
    mixup: float = Field(0.2, gt=0, description="mixup: alpha of the Beta distribution.")

    @property
    def names(self) -> tuple[str, ...]:
        """The techniques asked for, without `none`."""
        names = [self.name] if isinstance(self.name, str) else self.name
        return tuple(name for name in names if name != "none")

    @model_validator(mode="after")
    def _views_positive(self) -> Self:
        if isinstance(self.views, int) and self.views < 1:
            raise ValueError("views must be at least 1, or online")
        return self


class EarlyStoppingSettings(Model):
    """When to stop before the last epoch; the best weights are restored either way."""

    patience: int | None = Field(None, ge=1, description="Epochs without improvement before stopping; null: never.")
    monitor: Literal["validation_precision", "validation_loss", "training_loss"] = Field(
        "validation_precision",
        description="What chooses the best epoch; validation_precision: how many of the five nearest training images of a "
        "held-out image are of its class.",
    )


class AveragingSettings(Model):
    """Averaging of the weights over the steps; the average is judged and kept."""

    name: Literal["none", "ema"] = "none"
    decay: float = Field(0.998, gt=0, lt=1, description="ema: share of the old average kept at each step.")


class Settings(Model):
    """Everything that one training needs to know."""

    train: str | list[str] = Field(
        description="Source of the training images (folder, CSV, Parquet, archive, named set, pattern)."
    )
    test: str | list[str] | None = Field(None, description="Source of the test images; they never steer the training.")
    validation: float | str = Field(
        0.1, description="Share of the training images held out, unless they have a split of that name; or a source of its own."
    )
    limit_train: int | None = Field(None, ge=2, description="Use this many training images at most, balanced by class.")
    imbalance: float | None = Field(
        None, ge=1, description="Thin the classes of the training images out: the largest has this many times the smallest."
    )
    limit_test: int | None = Field(None, ge=1, description="Use this many test images at most, balanced by class.")
    input_size: int | None = Field(None, ge=8, le=1024, description="Side in pixels; null: the backbone's own.")
    training_sizes: list[Annotated[int, Field(ge=8, le=1024)]] | None = Field(
        None, min_length=1, description="Sides of the training images over equal stretches of the epochs; null: input_size."
    )
    resize: Literal["stretch", "crop", "pad"] | None = Field(
        None, description="How an image becomes square; null: the backbone's own."
    )
    epochs: int = Field(30, ge=1)
    batch_size: int = Field(64, ge=2, description="Images in a batch, of all processes together.")
    seed: int = Field(0, ge=0)
    device: str = Field("auto", description="auto, cpu, cuda, mps: Lightning Fabric's accelerators.")
    devices: int = Field(1, ge=1, description="Processes on a machine (one a device); under torchrun leave it out.")
    nodes: int = Field(1, ge=1, description="Machines, which need torchrun, and under it leave it out.")
    sync_batch_norm: bool = Field(
        True,
        description="Several processes: batch normalisation over the whole batch, as one process has it; false: over each share.",
    )
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"
    loggers: list[Literal["tensorboard", "mlflow"]] = Field(default_factory=list)
    gradient_clip: float | None = Field(None, gt=0, description="Largest norm of the gradient.")
    backbone: BackboneSettings = Field(default_factory=BackboneSettings)
    head: HeadSettings = Field(default_factory=HeadSettings)
    loss: AnyLoss = Field(default_factory=usual_loss)
    sampler: SamplerSettings = Field(default_factory=SamplerSettings)
    optimizer: OptimizerSettings = Field(default_factory=OptimizerSettings)
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    augmentation: AugmentationSettings = Field(default_factory=AugmentationSettings)
    averaging: AveragingSettings = Field(default_factory=AveragingSettings)
    early_stopping: EarlyStoppingSettings = Field(default_factory=EarlyStoppingSettings)
