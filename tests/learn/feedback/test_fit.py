from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from podoba.learn.feedback.fit import FeedbackSettings, choose_hold, fit_head
from podoba.learn.feedback.loss import MarkedBatch, ordered
from podoba.learn.feedback.marked_pairs import MarkedQuery
from podoba.progress import silent

SETTINGS = FeedbackSettings(holds=(1.0, 1e6), steps=4, rate=0.01, folds=3)
MakeQueries = Callable[[int], list[MarkedQuery]]


def test_the_loss_of_what_is_learned_falls(make_queries: MakeQueries, sample: np.ndarray) -> None:
    queries = make_queries(6)
    _, trace = fit_head(queries, queries, sample, 1.0, 4, SETTINGS)
    losses = [loss for loss, _ in trace]
    assert len(losses) == 5
    assert losses == sorted(losses, reverse=True)
    assert trace[0][1] == pytest.approx(ordered(queries))


def test_a_stronger_hold_keeps_the_head_nearer_the_identity(make_queries: MakeQueries, sample: np.ndarray) -> None:
    loose, strict = (fit_head(make_queries(6), [], sample, hold, 4, SETTINGS)[0] for hold in (1.0, 1e6))
    assert 0 < strict.distance() < loose.distance()


def test_the_trace_is_the_mean_over_held_out_queries(make_queries: MakeQueries, sample: np.ndarray) -> None:
    queries = make_queries(7)
    said: list[tuple[str, int, int]] = []
    hold, trace = choose_hold(queries, sample, SETTINGS, lambda *row: said.append(row))
    assert hold in SETTINGS.holds
    assert trace.shape == (5, 2)
    assert said == [("learning from marks", done, 6) for done in range(6)]
    head, _ = fit_head(queries, [], sample, hold, 0, SETTINGS)
    with torch.no_grad():  # before the first step every fold has the identity
        alone = [MarkedBatch([one], sample, SETTINGS.temperature).loss(head).item() for one in queries]
    assert trace[0, 0] == pytest.approx(np.mean(alone), rel=1e-5)
    assert choose_hold(queries, sample, SETTINGS, silent)[0] == hold
