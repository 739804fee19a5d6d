from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from podoba.learn.feedback.head import NearIdentity
from podoba.learn.feedback.loss import MarkedBatch, ordered
from podoba.learn.feedback.marked_pairs import MarkedQuery

TEMPERATURE = 0.2
MakeQueries = Callable[[int], list[MarkedQuery]]


def test_the_loss_is_that_of_a_slow_loop(make_queries: MakeQueries, sample: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    queries = make_queries(3)
    head = NearIdentity(6)
    with torch.no_grad():
        head.change.copy_(torch.from_numpy(0.2 * rng.standard_normal((6, 6))))
        head.shift.copy_(torch.from_numpy(0.2 * rng.standard_normal(6)))
    change, shift = head.change.detach().numpy().astype(np.float64), head.shift.detach().numpy().astype(np.float64)

    def mapped(row: np.ndarray) -> np.ndarray:
        moved = row.astype(np.float64) + change @ row.astype(np.float64) + shift
        return moved / np.linalg.norm(moved)

    losses = []
    for one in queries:
        kind = ([] if one.query is None else [one.query]) + list(one.right)
        of_query = []
        for a, anchor in enumerate(kind):
            negatives = sum(np.exp(mapped(anchor) @ mapped(n) / TEMPERATURE) for n in one.wrong)
            negatives += np.mean([np.exp(mapped(anchor) @ mapped(n) / TEMPERATURE) for n in sample])
            for p, positive in enumerate(kind):
                if p != a:
                    good = np.exp(mapped(anchor) @ mapped(positive) / TEMPERATURE)
                    of_query.append(-np.log(good / (good + negatives)))
        losses.append(np.mean(of_query))
    assert MarkedBatch(queries, sample, TEMPERATURE).loss(head).item() == pytest.approx(np.mean(losses), rel=1e-4)


def test_order_is_the_share_of_pairs() -> None:
    query = np.array([1, 0], dtype=np.float32)
    rows = [np.array([np.cos(a), np.sin(a)], dtype=np.float32) for a in (0.1, 0.5, 0.3, 0.9, 0.5)]
    one = MarkedQuery(query, np.stack(rows[:2]), np.stack(rows[2:]))
    assert ordered([one]) == pytest.approx((3 + 1 + 0.5) / 6)
    alone = MarkedQuery(None, np.stack(rows[:1]), np.stack(rows[2:]))  # nothing to compare with
    assert ordered([one, alone]) == pytest.approx((3 + 1 + 0.5) / 6)
    assert ordered([alone]) == 0
