"""From similarity to probability: how sure one may be that two images are of one kind."""

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Mask

Values = NDArray[np.float64]


def fit_logistic(similarities: Values, same: Mask, steps: int = 50) -> tuple[float, float]:
    """Slope and intercept of P(same) = 1 / (1 + exp(-(slope * similarity + intercept))), by Newton's method.

    Platt, "Probabilistic outputs for support vector machines" (1999), with his smoothed targets, so that separable pairs stay
    finite.

    Args:
        similarities: float (n,), cosine of pairs.
        same: bool (n,), whether a pair is of one kind.
        steps: of Newton's method at most; it ends where nothing changes any more.

    Raises:
        ValueError: all pairs are of one kind, or none is.
    """
    positives, negatives = int(same.sum()), int((~same).sum())
    if not positives or not negatives:
        raise ValueError("calibration needs pairs that are alike and pairs that are not")
    targets = np.where(same, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.stack([similarities.astype(np.float64), np.ones(len(similarities))], axis=1)
    weights = np.zeros(2)
    for _ in range(steps):
        probabilities = 1 / (1 + np.exp(-np.clip(design @ weights, -40, 40)))
        gradient = design.T @ (probabilities - targets)
        curvature = (design * (probabilities * (1 - probabilities))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def reliability(probabilities: Values, same: Mask, bins: int = 10) -> list[tuple[float, float, int]]:
    """The reliability diagram (DeGroot and Fienberg, 1983): what was promised beside what came true.

    Args:
        probabilities: float (n,), from 0 to 1.
        same: bool (n,), whether a pair is of one kind.
        bins: of equal width.

    Returns:
        Mean probability, share of pairs of one kind, and number of pairs, for each bin that has pairs.
    """
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    return [
        (float(probabilities[places == i].mean()), float(same[places == i].mean()), int((places == i).sum()))
        for i in range(bins)
        if (places == i).any()
    ]


def expected_calibration_error(probabilities: Values, same: Mask, bins: int = 10) -> float:
    """Mean distance between probability and share over the bins, weighted by their pairs (Naeini et al., 2015).

    Arguments as `reliability`; from 0, where every promise is kept, to 1.
    """
    rows = reliability(probabilities, same, bins)
    return sum(count * abs(mean - share) for mean, share, count in rows) / len(probabilities)
