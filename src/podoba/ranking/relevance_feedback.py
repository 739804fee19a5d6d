"""What was marked right and wrong as a better direction to search in: pure functions of descriptors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats

Scores = NDArray[np.float64]
Feedback = Callable[[Floats, Floats, Floats, Floats], Floats]
"""From query (D,), right (r, D), wrong (w, D) and unmarked (u, D) to the direction (D,) in which the gallery is ranked."""

RIGHT, WRONG = 1.0, 0.5  # of Rocchio; as measured in docs/search.md
STRENGTH = 0.3  # of the pull of a linear probe towards the query
BACKGROUND = 2.0  # of all unmarked images together, where all that is right weighs 1


def rocchio(
    query: Floats, right: Floats, wrong: Floats, unmarked: Floats, *, beta: float = RIGHT, gamma: float = WRONG
) -> Floats:
    """The query, moved towards the mean of what is right and away from that of what is wrong (Rocchio, 1971).

    q' = q + beta * mean(right) - gamma * mean(wrong), brought to unit length.

    Args:
        query: float32 (D,), unit length.
        right, wrong: float32 (r, D) and (w, D), unit length; either may be empty.
        unmarked: not used by this way.

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
    query: Floats, right: Floats, wrong: Floats, unmarked: Floats, *, strength: float = STRENGTH, background: float = BACKGROUND
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
    missing = root * (targets - level) - design @ start
    if len(design) < design.shape[1]:
        change = design.T @ np.linalg.solve(design @ design.T + strength * np.eye(len(design)), missing)
    else:
        change = np.linalg.solve(design.T @ design + strength * np.eye(design.shape[1]), design.T @ missing)
    return _unit_or(start + change, query)


WAYS: dict[str, Feedback] = {"linear-probe": linear_probe, "rocchio": rocchio}


def _unit_or(direction: Scores, otherwise: Floats) -> Floats:
    length = float(np.linalg.norm(direction))
    return otherwise if length < 1e-6 else (direction / length).astype(np.float32)
