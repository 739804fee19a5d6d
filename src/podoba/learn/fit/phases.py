"""The phases of a training: stretches of epochs under one transfer strategy."""

from __future__ import annotations

from dataclasses import dataclass

from podoba.runs.settings import Settings


@dataclass(frozen=True)
class Phase:
    """Epochs start..stop-1 under one transfer strategy, with an optimizer of its own."""

    start: int
    stop: int
    transfer: str


def phases(settings: Settings) -> list[Phase]:
    """The phases of a training: two where the backbone thaws after `frozen_epochs`, else one."""
    transfer, epochs = settings.backbone.transfer, settings.epochs
    if transfer != "frozen-then-finetune":
        return [Phase(0, epochs, transfer)]
    thaw = min(settings.backbone.frozen_epochs, epochs)
    return [phase for phase in (Phase(0, thaw, "frozen"), Phase(thaw, epochs, "finetune")) if phase.start < phase.stop]
