"""Relevance feedback: from images marked right and wrong to a better direction to search in. Pure functions of descriptors."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats

RelevanceFeedback = Callable[[Floats, Floats, Floats, Floats], Floats]
"""From query (D,), right (r, D), wrong (w, D) and unmarked (u, D) to the direction (D,) in which the gallery is ranked."""


def rocchio(query: Floats, right: Floats, wrong: Floats, unmarked: Floats, *, beta: float = 1.0, gamma: float = 0.5) -> Floats:
    """The query, moved towards the mean of what is right and away from that of what is wrong (Rocchio, 1971).

    q' = q + beta * mean(right) - gamma * mean(wrong), brought to unit length. The defaults are those measured in docs/search.md.

    Args:
        query: float32 (D,), unit length.
        right, wrong: float32 (r, D) and (w, D), unit length; either may be empty.
        unmarked: not used by this method.
        beta, gamma: how much what is right and what is wrong counts beside the query.

    Returns:
        float32 (D,), unit length; the query itself where all of it cancels out.
    """
    moved = query.astype(np.float64)
    if len(right):
        moved = moved + beta * right.mean(axis=0, dtype=np.float64)
    if len(wrong):
        moved = moved - gamma * wrong.mean(axis=0, dtype=np.float64)
    return _unit_or(moved, query)


def linear_probe(
    query: Floats, right: Floats, wrong: Floats, unmarked: Floats, *, strength: float = 0.3, background: float = 2.0
) -> Floats:
    """The direction of a ridge regression that tells right (+1) from wrong and unmarked (-1), drawn towards the query.

    The w that minimises sum of c_i (w . (x_i - m) - (y_i - n))**2 + strength * |w - q|**2, m and n being the weighted means. The
    query counts as right; all that is right weighs 1 together, likewise all that is wrong, and `background` what is unmarked.
    A query with unmarked images alone gives the exemplar of Hariharan, Malik, Ramanan (2012); the pull towards what was known
    before is that of Yang, Yan, Hauptmann (2007, adaptive support vector machines), with a square loss solved at once.

    Args:
        query: float32 (D,), unit length.
        right, wrong: float32 (r, D) and (w, D), unit length; either may be empty.
        unmarked: float32 (u, D), unit length, drawn from the gallery; may be empty.
        strength: of the pull towards the query, above 0; the larger, the less is learned.
        background: weight of all unmarked images together.

    Returns:
        float32 (D,), unit length.
    """
    positive = np.concatenate([query[None], right])
    images = np.concatenate([positive, wrong, unmarked]).astype(np.float64)
    counts = np.array([len(positive), len(wrong), len(unmarked)])
    shares = np.array([1.0, 1.0, background]) / np.maximum(counts, 1)
    weights, targets = np.repeat(shares, counts), np.repeat([1.0, -1.0, -1.0], counts)
    mean, level = weights @ images / weights.sum(), weights @ targets / weights.sum()
    start = query.astype(np.float64)
    root = np.sqrt(weights)
    design = root[:, None] * (images - mean)
    residual = root * (targets - level) - design @ start
    if len(design) < design.shape[1]:  # the smaller of the two equal systems
        change = design.T @ np.linalg.solve(design @ design.T + strength * np.eye(len(design)), residual)
    else:
        change = np.linalg.solve(design.T @ design + strength * np.eye(design.shape[1]), design.T @ residual)
    return _unit_or(start + change, query)


METHODS: dict[str, RelevanceFeedback] = {"linear-probe": linear_probe, "rocchio": rocchio}  # the first is the usual one


def _unit_or(direction: NDArray[np.float64], otherwise: Floats) -> Floats:
    length = float(np.linalg.norm(direction))
    return otherwise if length < 1e-6 else (direction / length).astype(np.float32)
