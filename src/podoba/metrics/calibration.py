"""From similarity to probability: how sure one may be that two images are of one kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Mask
from podoba.models.card import Calibration
from podoba.ranking.exact import nearest

Values = NDArray[np.float64]


@dataclass(frozen=True)
class LabelledSet:
    """Held-out images of one set, of which each asks among all of them and the others.

    Attributes:
        descriptors: float32 (n, dim), unit length.
        labels: their classes, n.
        others: float32 (m, dim), unit length, images of other classes than these, which are only found; None: there are none.
    """

    descriptors: Floats
    labels: Sequence[str]
    others: Floats | None = None


@dataclass(frozen=True)
class CalibrationSettings:
    """How probabilities are fitted.

    Attributes:
        near: nearest neighbours of a query that are paired with it: what a search shows.
        drawn: images that are paired with it beside these, at random.
        fewest_classes: with two images or more, without which nothing is fitted: half of them judge what the other half gave.
        fewest_pairs: of one kind, likewise.
    """

    near: int = 20
    drawn: int = 20
    fewest_classes: int = 4
    fewest_pairs: int = 50


@dataclass(frozen=True)
class Calibrated:
    """A calibration and how good its method was on classes that it was not fitted on.

    Attributes:
        error: expected calibration error there.
        curve: rows of `reliability` there.
    """

    calibration: Calibration
    error: float
    curve: list[tuple[float, float, int]]


@dataclass(frozen=True)
class _Pairs:
    """Pairs of a query and an image: similarity, whether both are of one kind, and of which half of the classes the query is."""

    similarities: Values
    same: Mask
    even: Mask

    def take(self, rows: Mask) -> "_Pairs":
        return _Pairs(self.similarities[rows], self.same[rows], self.even[rows])


def calibrate(sets: Sequence[LabelledSet], settings: CalibrationSettings = CalibrationSettings()) -> Calibrated | None:
    """Fit the probability on pairs of held-out images such as a search shows them.

    The error is measured by halves: fitted on the queries of every second class, judged on those of the others, and the other way
    round. The calibration itself is fitted on all.

    Returns:
        None where there are too few classes or pairs to tell.
    """
    parts = [_pairs_of(one, settings) for one in sets]
    pairs = _Pairs(*(np.concatenate(columns) for columns in zip(*((p.similarities, p.same, p.even) for p in parts), strict=True)))
    halves = [pairs.take(pairs.even), pairs.take(~pairs.even)]
    classes = sum(_shared_classes(one.labels) for one in sets)
    if classes < settings.fewest_classes or min(int(half.same.sum()) for half in halves) < settings.fewest_pairs:
        return None
    chances, same = [], []
    for fitted, held in (halves, halves[::-1]):
        slope, intercept = fit_logistic(fitted.similarities, fitted.same)
        chances.append(Calibration(slope=slope, intercept=intercept).probability(held.similarities))
        same.append(held.same)
    judged, truth = np.concatenate(chances), np.concatenate(same)
    slope, intercept = fit_logistic(pairs.similarities, pairs.same)
    return Calibrated(
        Calibration(slope=slope, intercept=intercept), expected_calibration_error(judged, truth), reliability(judged, truth)
    )


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


def _pairs_of(one: LabelledSet, settings: CalibrationSettings) -> _Pairs:
    """Each image with its nearest ones, and with as many drawn at random; never with itself."""
    names = np.asarray(one.labels, dtype=np.str_)
    gallery = one.descriptors if one.others is None else np.concatenate([one.descriptors, one.others])
    kinds = np.unique(names, return_inverse=True)[1]
    found = np.concatenate([kinds, np.full(len(gallery) - len(names), -1)])
    rows = np.arange(len(names))
    near = nearest(one.descriptors, gallery, min(settings.near, len(gallery)), images=(rows, np.arange(len(gallery)))).indices
    drawn = np.random.default_rng(0).integers(0, len(gallery), (len(names), settings.drawn))
    columns = np.concatenate([near, drawn], axis=1)
    kept = (columns >= 0) & (columns != rows[:, None])
    similarities = np.stack([gallery[line] @ query for line, query in zip(columns, one.descriptors, strict=True)])
    even = np.broadcast_to(kinds[:, None] % 2 == 0, kept.shape)
    same = found[columns] == kinds[:, None]
    return _Pairs(similarities[kept].astype(np.float64), same[kept], even[kept])


def _shared_classes(labels: Sequence[str]) -> int:
    """Classes that have a pair."""
    return int((np.unique(np.asarray(labels, dtype=np.str_), return_counts=True)[1] > 1).sum())
