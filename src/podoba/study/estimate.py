"""How long a study will take: what finished cells took, else steps measured now."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from podoba.images.sources.open import open_part
from podoba.learn.accelerate.malloc import keep_freed_memory
from podoba.learn.data.batches import can_cache
from podoba.learn.data.sampling import epoch_batches
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.timing import seconds_of_step
from podoba.learn.losses.registry import build_loss
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork
from podoba.learn.setup import build_network, resolve
from podoba.progress import OnProgress, silent
from podoba.runs.settings import Settings
from podoba.study.folder import StudyFolder
from podoba.study.grid import task_of
from podoba.study.plan import Plan, Range
from podoba.study.task import Point, Task

BATCH = 64  # images of a timed pass through a frozen backbone
LEFT_OUT = "epochs are counted in full, early stopping may end them sooner; exporting the models and the report are not counted"


@dataclass(frozen=True)
class Expected:
    """What a training is expected to take.

    Attributes:
        done: it is finished already.
        seconds: of one run.
        how: what that is known by.
        times: how often it is run.
    """

    task: Task
    done: bool
    seconds: float
    how: str
    times: int = 1


def estimate(all_tasks: Sequence[Task], folder: Path, on_progress: OnProgress = silent) -> list[Expected]:
    """The expected time of every training of a study; 0 for those that are done.

    A variant with a finished seed takes what that took. Of the others a few steps are timed on noise of the right shape, once
    a variant; features of a frozen backbone count once for all cells that share them.
    """
    keep_freed_memory()
    files = StudyFolder(folder)
    done = {task.key for task in all_tasks if files.run(task.key).finished}
    took: dict[str, list[float]] = {}  # by variant, the seconds of its finished seeds
    for task in all_tasks:
        if task.key in done:
            took.setdefault(task.point.name, []).append(files.run(task.key).read_summary().total_seconds)
    timed: dict[str, float] = {}
    images: dict[str, tuple[int, int, int]] = {}
    shared: set[str] = set()
    expected = []
    for i, task in enumerate(all_tasks, 1):
        name = task.point.name
        if task.key in done:
            expected.append(Expected(task, True, 0.0, "finished"))
        elif name in took:
            expected.append(Expected(task, False, fmean(took[name]), "as its other seeds took"))
        elif name in timed:
            expected.append(Expected(task, False, timed[name], "as its first seed"))
        else:
            sources = f"{task.settings.train} {task.settings.test}"
            if sources not in images:
                images[sources] = _counts(task.settings)
            timed[name], features = _measure(task.settings, images[sources], shared)
            expected.append(Expected(task, False, timed[name] + features, "steps timed now"))
        on_progress("timing steps", i, len(all_tasks))
    return expected


def estimate_search(plan: Plan, folder: Path, on_progress: OnProgress = silent) -> list[Expected]:
    """As `estimate`, for a search: what it will draw is not known, so the middle of its ranges stands for every trial."""
    assert plan.search is not None
    values = {key: _middle(range_) for key, range_ in plan.search.ranges.items()}
    middle = task_of(plan, Point("middle of the ranges", values, values), plan.seeds[0], {})
    trials, best = plan.search.trials, len(plan.seeds)
    first, other = estimate([middle, replace(middle, seed=middle.seed + 1)], folder, on_progress)
    how = f"as the first; {trials} trials, then {best} of the best"
    return [first, replace(other, times=trials + best - 1, how=how)]


def _middle(range_: Range) -> Any:
    if range_.choices is not None:
        return range_.choices[0]
    low, high = range_.low or 0.0, range_.high or 0.0
    middle = math.sqrt(low * high) if range_.log else (low + high) / 2
    return round(middle) if range_.integer else middle


def _measure(settings: Settings, counts: tuple[int, int, int], shared: set[str]) -> tuple[float, float]:
    """Seconds of the epochs, and of computing features that no cell before has computed.

    Args:
        counts: of training images, test images, and classes.
        shared: what names the features that were counted before; those of this cell are added.
    """
    torch.manual_seed(0)
    backbone = build_backbone(settings.backbone, settings.input_size)
    settings = resolve(settings, backbone)
    classes = counts[2]
    network = build_network(settings, backbone, classes)
    names = [str(i) for i in range(classes)]
    kept = min(counts[0], settings.limit_train or counts[0])
    learned = round(kept * (1 - settings.validation)) if isinstance(settings.validation, float) else kept
    labels = np.arange(max(learned, 2)) % classes
    sampler = settings.sampler.model_copy(
        update={"classes": min(settings.sampler.classes, classes)} if settings.sampler.classes else {}
    )
    batches = epoch_batches(sampler, labels, settings.batch_size, 0, 0)
    cached = can_cache(network, settings)
    loss = build_loss(settings.loss.model_copy(update=_plain_weights(settings)), dim=network.dim, class_names=names,
                      class_counts=[max(1, learned // classes)] * classes)  # fmt: skip
    epochs = settings.epochs * len(batches) * seconds_of_step(Objective(network, loss), settings, labels[batches[0]], cached)
    tested = min(counts[1], settings.limit_test or counts[1])
    if not cached:  # descriptors of all images are computed at the end of each training
        return epochs + (kept + tested) * _pass(network), 0.0
    views = min(int(settings.augmentation.views), settings.epochs) if settings.augmentation.names else 0
    inputs = settings.model_dump(include={"backbone", "train", "limit_train", "test", "limit_test", "input_size", "resize"})
    plain, augmented = f"{inputs}", f"{inputs} {settings.augmentation}" if views else None
    images = (kept + tested if plain not in shared else 0) + (views * kept if augmented and augmented not in shared else 0)
    shared.update(key for key in (plain, augmented) if key is not None)
    return epochs, images * _pass(network) if images else 0.0


def _pass(network: DescriptorNetwork) -> float:
    """Seconds of one image through the frozen backbone."""
    network.eval()
    side = network.backbone.input_size
    images = torch.rand(BATCH, 3, side, side).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        network.backbone(images)
        started = time.perf_counter()
        network.backbone(images)
    return (time.perf_counter() - started) / BATCH


def _counts(settings: Settings) -> tuple[int, int, int]:
    """Labelled training images, test images, and classes."""
    source = open_part(settings.train, "train")
    tested = len(open_part(settings.test, "test")) if settings.test is not None else 0
    return sum(label is not None for label in source.labels), tested, max(2, len(source.classes))


def _plain_weights(settings: Settings) -> dict[str, str]:
    """Weights given by the names of classes do not change the time, and the names here are others."""
    return {"class_weights": "none"} if settings.loss.name == "cross-entropy" else {}
