from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from podoba.learn.losses.triplet import MINING, TripletLoss
from podoba.runs.loss_settings import Triplet

MINING_RULES = sorted(MINING)


def measured(a: Tensor, b: Tensor, kind: str) -> float:
    squared = max(float(2 - 2 * (a @ b)), 0.0)
    return {"euclidean": math.sqrt(squared), "squared-euclidean": squared, "cosine": float(1 - a @ b)}[kind]


def slow(x: Tensor, labels: list[int], mining: str, margin: float, kind: str) -> float:
    """The loss as its definition says, triplet by triplet."""
    n = len(labels)
    d = [[measured(x[i], x[j], kind) for j in range(n)] for i in range(n)]
    costs: list[float] = []
    for a in range(n):
        positives = [p for p in range(n) if p != a and labels[p] == labels[a]]
        negatives = [q for q in range(n) if labels[q] != labels[a]]
        if not positives or not negatives:
            continue

        def semi(p: int, a: int = a, negatives: list[int] = negatives) -> float:
            further = [d[a][q] for q in negatives if d[a][q] > d[a][p]]
            return min(further) if further else max(d[a][q] for q in negatives)

        if mining == "semi-hard":
            costs += [max(d[a][p] - semi(p) + margin, 0) for p in positives]
        elif mining == "hard":
            costs.append(max(max(d[a][p] for p in positives) - min(d[a][q] for q in negatives) + margin, 0))
        elif mining == "easy-positive":
            p = min(positives, key=d[a].__getitem__)
            costs.append(max(d[a][p] - semi(p) + margin, 0))
        else:
            every = [max(d[a][p] - d[a][q] + margin, 0) for p, q in itertools.product(positives, negatives)]
            costs += [c for c in every if c > 0]
    return sum(costs) / len(costs) if costs else 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(MINING_RULES),
    st.sampled_from(["euclidean", "squared-euclidean", "cosine"]),
    st.lists(st.integers(0, 3), min_size=2, max_size=14),
    st.floats(0.05, 1.5),
    st.integers(0, 10**6),
)
def test_equals_a_slow_loop(mining: str, distance: str, labels: list[int], margin: float, seed: int) -> None:
    x = functional.normalize(torch.randn(len(labels), 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))
    loss = TripletLoss(Triplet.model_validate({"mining": mining, "distance": distance, "margin": margin}))
    assert float(loss(x, torch.tensor(labels))) == pytest.approx(slow(x, labels, mining, margin, distance), abs=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.sampled_from(MINING_RULES), st.lists(st.integers(0, 2), min_size=2, max_size=9), st.integers(0, 10**6))
def test_gradient_is_that_of_the_formula(mining: str, labels: list[int], seed: int) -> None:
    """Against differences of the slow loop, cosine distance: smooth but for the hinge."""
    generator = torch.Generator().manual_seed(seed)
    x = functional.normalize(torch.randn(len(labels), 4, generator=generator, dtype=torch.float64)).requires_grad_()
    loss = TripletLoss(Triplet.model_validate({"mining": mining, "distance": "cosine", "margin": 0.37}))
    loss(x, torch.tensor(labels)).backward()
    assert x.grad is not None
    step = 1e-8 * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        change = slow(x + step, labels, mining, 0.37, "cosine") - slow(x - step, labels, mining, 0.37, "cosine")
    assert float((x.grad * 2 * step).sum()) == pytest.approx(change, abs=1e-13)


@pytest.mark.parametrize("mining", MINING_RULES)
@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, 0, 0, 0], [0]])
def test_a_batch_without_triplets_costs_nothing_and_stays_in_the_graph(mining: str, labels: list[int]) -> None:
    x = functional.normalize(torch.randn(len(labels), 4)).requires_grad_()
    loss = TripletLoss(Triplet.model_validate({"mining": mining}))(x, torch.tensor(labels))
    loss.backward()
    assert float(loss.detach()) == 0
    assert x.grad is not None
    assert not x.grad.any()


def test_semi_hard_by_hand() -> None:
    """Points on a circle at 0 and 12 degrees (class a), 20 and 90 degrees (class b); the triplets read off the picture."""
    degrees = torch.tensor([0.0, 12.0, 20.0, 90.0], dtype=torch.float64)
    x = torch.stack([degrees.deg2rad().cos(), degrees.deg2rad().sin()], 1)
    # Last but one: no a lies further from 20 degrees than 90 degrees does, so that the furthest a is taken.
    triplets = [(0, 12, 20), (12, 0, 90), (20, 90, 0), (90, 20, 12)]

    def d(a: float, b: float) -> float:
        return 2 * math.sin(math.radians(abs(a - b)) / 2)

    by_hand = sum(max(d(a, p) - d(a, n) + 0.2, 0) for a, p, n in triplets) / 4
    assert float(TripletLoss(Triplet(margin=0.2))(x, torch.tensor([0, 0, 1, 1]))) == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("mining", MINING_RULES)
def test_gradient_stays_finite_where_descriptors_coincide(mining: str) -> None:
    x = functional.normalize(torch.ones(6, 4)).requires_grad_()
    loss = TripletLoss(Triplet.model_validate({"mining": mining}))(x, torch.tensor([0, 0, 0, 1, 1, 1]))
    loss.backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
