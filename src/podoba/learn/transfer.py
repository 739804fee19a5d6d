"""What of a pretrained network is to learn, chosen by a short trial (`backbone.transfer: auto`)."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from lightning_fabric import Fabric

from podoba.images.split import balanced_subset
from podoba.learn.data.load import Data, with_fewer
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.trainer import Trainer
from podoba.learn.losses.registry import build_loss
from podoba.learn.networks.backbones import Backbone, has_weights
from podoba.learn.setup import build_network
from podoba.metrics.knn import K
from podoba.progress import OnProgress, silent
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import EarlyStoppingSettings, Settings


@dataclass(frozen=True)
class TrialSettings:
    """How long is tried, and what decides.

    Attributes:
        images: that a trial learns from, counted as often as they are seen; half a minute of fine-tuning on one processor core.
        held_out: images that must be held out for a trial to say anything.
        many: training images from which on, without a trial, the whole network learns.
        gain: of the precision that fine-tuning must bring over the head alone, since it takes many times as long.
        on_processor: images, counted as often as they are seen, that fine-tuning without a graphics card may take: a quarter of
            an hour of two cores with `photo`. It is not tried where it would take more, which a person may still ask for.
    """

    images: int = 1_500
    held_out: int = 20
    many: int = 1_000
    gain: float = 0.01
    on_processor: int = 20_000


@dataclass(frozen=True)
class Choice:
    """A transfer strategy, and why it was chosen, in words that may follow `since`."""

    transfer: str
    reason: str


def choice_without_images(settings: Settings) -> Choice | None:
    """What is clear before any image was read; None where a trial must tell."""
    if not has_weights(settings.backbone):
        return Choice("scratch", f"there are no pretrained weights of {settings.backbone.name}")
    if settings.training_sizes is not None:
        return Choice("finetune", "training_sizes are sizes for a backbone that learns")
    return None


def choose_transfer(
    settings: Settings,
    backbone: Backbone,
    data: Data,
    fabric: Fabric,
    progress: OnProgress = silent,
    trial: TrialSettings = TrialSettings(),
) -> Choice:
    """The strategy that finds held-out images better after the same few steps: the head alone, or the whole network.

    Which one is better depends on how many images there are and how like those they are that the network was pretrained on
    (Filkinshtein and Sydorova, 2020). The number of steps is bounded, not the time, so that the choice is the same every time.

    Args:
        settings: without open ends but `backbone.transfer`.
        backbone: pretrained; its weights stay as they are.
    """
    count, classes = len(data.train), len(data.classes)
    what = f"{count} images of {classes} classes"
    seen = count * settings.epochs
    if fabric.device.type == "cpu" and seen > trial.on_processor:
        asked = "`--set backbone.transfer=finetune` may bring more"
        return Choice("frozen", f"fine-tuning would see {seen:,} images, which takes a processor long ({what}): {asked}")
    held_out = 0 if data.validation is None else len(data.validation)
    if held_out < trial.held_out:
        transfer = "finetune" if count >= trial.many else "frozen"
        return Choice(transfer, f"there are {what}, and {held_out} held-out ones, too few to try it on")
    few = with_fewer(data, balanced_subset(data.train.names, trial.images, settings.seed))
    short = settings.model_copy(
        update={
            "epochs": max(1, trial.images // len(few.train)),
            "loggers": [],
            "early_stopping": EarlyStoppingSettings(monitor="validation_precision"),
        }
    )
    head, start = _tried(short, "frozen", backbone, few, fabric, progress)
    whole, _ = _tried(short, "finetune", backbone, few, fabric, progress)
    transfer = "finetune" if whole >= head + trial.gain else "frozen"
    found = f"of the {K} images nearest to a held-out one {whole:.1%} are right after a short fine-tuning, {head:.1%} after"
    return Choice(transfer, f"{found} as short a training of the head, {start:.1%} untrained ({what})")


def _tried(
    settings: Settings, transfer: str, backbone: Backbone, data: Data, fabric: Fabric, progress: OnProgress
) -> tuple[float, float]:
    """The best precision of a short training, and that of its start."""
    settings = settings.model_copy(update={"backbone": settings.backbone.model_copy(update={"transfer": transfer})})
    with torch.random.fork_rng(), TemporaryDirectory() as folder:
        torch.manual_seed(settings.seed)
        network = build_network(settings, deepcopy(backbone), len(data.classes))
        loss = build_loss(settings.loss, dim=network.dim, class_names=data.classes, class_counts=data.class_counts)
        trainer = Trainer(Objective(network, loss), data, settings, fabric, RunFolder(Path(folder)), "trial", _named(progress))
        state = trainer.fit()
    assert state.start_precision is not None
    precisions = [row.validation_precision or 0.0 for row in state.history]
    return max(precisions), state.start_precision


def _named(progress: OnProgress) -> Callable[[str, int, int], None]:
    return lambda stage, done, total: progress(f"trying what to train: {stage}", done, total)
