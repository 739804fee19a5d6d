"""Numbers by which learning from marks goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeedbackSettings:
    """How a head learns from marks.

    Attributes:
        holds: how strongly the map is held to the identity, tried one by one: times its squared distance from it, per dimension.
        steps: of the optimiser, at most.
        rate: its learning rate.
        temperature: similarities are divided by it before the softmax.
        folds: parts of the queries, each held out once, by which the hold and the steps are chosen.
        background: unmarked items, which count as wrong for every query.
        calibration_items: on whose descriptors the calibration is carried over.
        calibration_pairs: random pairs of them, beside those of near ones.
    """

    holds: tuple[float, ...] = (100.0, 300.0)
    steps: int = 30
    rate: float = 1e-3
    temperature: float = 0.1
    folds: int = 4
    background: int = 300
    calibration_items: int = 2_000
    calibration_pairs: int = 20_000
