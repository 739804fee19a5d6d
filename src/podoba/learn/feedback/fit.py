"""Fitting the head: how strongly it is held to the identity and how long it learns, chosen by held-out queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.learn.feedback.head import NearIdentity
from podoba.learn.feedback.loss import MarkedBatch, ordered
from podoba.learn.feedback.marked_pairs import MarkedQuery
from podoba.progress import OnProgress


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


def choose_hold(
    queries: Sequence[MarkedQuery], sample: Floats, settings: FeedbackSettings, progress: OnProgress
) -> tuple[float, NDArray[np.float64]]:
    """The hold of the smallest loss on held-out queries, and their loss and order after each step, float64 (steps + 1, 2)."""
    holds, folds = settings.holds, settings.folds
    fold_of = np.random.default_rng(0).permutation(len(queries)) % folds
    traces = np.zeros((len(holds), settings.steps + 1, 2))
    for row, hold in enumerate(holds):
        for fold in range(folds):
            progress("learning from marks", row * folds + fold, len(holds) * folds)
            kept = [one for one, place in zip(queries, fold_of, strict=True) if place != fold]
            held_out = [one for one, place in zip(queries, fold_of, strict=True) if place == fold]
            _, trace = fit_head(kept, held_out, sample, hold, settings.steps, settings)
            traces[row] += np.array(trace) * len(held_out) / len(queries)
    best = int(np.argmin(traces[:, :, 0].min(axis=1)))
    return holds[best], traces[best]


def fit_head(
    queries: Sequence[MarkedQuery],
    held_out: Sequence[MarkedQuery],
    sample: Floats,
    hold: float,
    steps: int,
    settings: FeedbackSettings,
) -> tuple[NearIdentity, list[tuple[float, float]]]:
    """The head after some steps on all marks at once (Adam), and loss and order of the held-out queries after each step."""
    head = NearIdentity(sample.shape[1])
    optimizer = torch.optim.Adam(head.parameters(), settings.rate)
    batch = MarkedBatch(queries, sample, settings.temperature)
    other = MarkedBatch(held_out, sample, settings.temperature) if held_out else None
    trace = []
    for step in range(steps + 1):
        if other is not None:
            with torch.inference_mode():
                trace.append((other.loss(head).item(), ordered(held_out, head)))
        if step == steps:
            break
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(batch.loss(head) + hold * head.distance() / sample.shape[1])
        optimizer.step()
    return head, trace
