"""The stretches of a training that have an optimizer and a schedule of their own."""

from dataclasses import dataclass
from itertools import pairwise

from podoba.runs.settings import Settings


@dataclass(frozen=True)
class Phase:
    """Epochs start..stop-1 under one transfer strategy."""

    start: int
    stop: int
    transfer: str


def phases(settings: Settings) -> list[Phase]:
    """The phases of a training: one, or several where the backbone thaws after `frozen_epochs` or the schedule begins anew."""
    transfer, epochs = settings.backbone.transfer, settings.epochs
    cuts = {0, epochs, *settings.schedule.restarts}
    thaw = settings.backbone.frozen_epochs if transfer == "frozen-then-finetune" else 0
    places = sorted(cut for cut in cuts | {thaw} if cut <= epochs)
    return [
        Phase(start, stop, ("frozen" if start < thaw else "finetune") if thaw else transfer) for start, stop in pairwise(places)
    ]


def with_more_epochs(settings: Settings, done: int, more: int) -> Settings:
    """Settings by which a training of `done` epochs goes on for `more`.

    A constant schedule and one in steps go on. One that has come down to its end (cosine, one-cycle) begins anew over the further
    epochs (Loshchilov and Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2017).
    """
    schedule = settings.schedule
    if schedule.name in ("cosine", "one-cycle"):
        schedule = schedule.model_copy(update={"restarts": [*schedule.restarts, done]})
    return settings.model_copy(update={"epochs": done + more, "schedule": schedule})
