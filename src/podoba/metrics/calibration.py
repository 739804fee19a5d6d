"""From similarity to probability: how sure one may be that two images are of one kind, and whether that comes true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Images, Indices, Mask
from podoba.models.calibration import Background, Calibration, standing
from podoba.ranking.exact import Neighbours, nearest

Values = NDArray[np.float64]
Reliability = list[tuple[float, float, int]]


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
    """How probabilities are fitted and judged.

    Attributes:
        queries: of a collection, at most.
        near: nearest neighbours of a query that are paired with it: what a search shows.
        drawn: images that are paired with it beside these, at random.
        background: images of the collection from which a similarity stands out; as many as a search draws.
        few_classes: of smaller collections that are made of each set, so that both few and many kinds are fitted.
        absent: share of the queries that count as those whose kind is not in the collection.
        fewest_classes: with two images or more, without which nothing is fitted: half of them judge what the other half gave.
        fewest_pairs: of one kind among the near ones, likewise, in each half.
    """

    queries: int = 1000
    near: int = 20
    drawn: int = 20
    background: int = 500
    few_classes: tuple[int, ...] = (4, 8, 16)
    absent: float = 1 / 3
    fewest_classes: int = 4
    fewest_pairs: int = 25


DEFAULT = CalibrationSettings()


@dataclass(frozen=True)
class Calibrated:
    """A calibration and how good its method was on classes that it was not fitted on.

    Attributes:
        error: expected calibration error there, of the near ones: what a search shows.
        curve: rows of `reliability` there.
    """

    calibration: Calibration
    error: float
    curve: Reliability


class _Collection(NamedTuple):
    """Images that are searched among.

    Attributes:
        descriptors: float32 (n, dim), of the queries.
        kinds: int64 (n,), their classes, numbered through all sets.
        others: float32 (m, dim), of no query's class.
    """

    descriptors: Floats
    kinds: Indices
    others: Floats


@dataclass(frozen=True)
class _Pairs:
    """Pairs of a query and an image, each attribute (P,).

    Attributes:
        background: of the query.
        same: whether both are of one kind.
        near: whether the image is one of the nearest.
        even: of which half of the classes the query is.
        weights: all collections weigh the same.
    """

    similarities: Values
    background: Background
    same: Mask
    near: Mask
    even: Mask
    weights: Values

    def take(self, rows: Mask) -> "_Pairs":
        return _Pairs(
            self.similarities[rows], self.background.take(rows), self.same[rows], self.near[rows], self.even[rows],
            self.weights[rows],
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence["_Pairs"]) -> "_Pairs":
        columns = ([getattr(part, name) for part in parts] for name in ("similarities", "same", "near", "even", "weights"))
        similarities, same, near, even, weights = (np.concatenate(column) for column in columns)
        background = Background(*(np.concatenate(column) for column in zip(*(part.background for part in parts), strict=True)))
        return cls(similarities, background, same, near, even, weights)


def calibrate(sets: Sequence[LabelledSet], settings: CalibrationSettings = DEFAULT) -> Calibrated | None:
    """Fit the probability on pairs of held-out images such as searches show, in collections of many and of few kinds.

    Each set is a collection, some classes of it are one, and so are all sets together. Every query asks twice: with the other
    images of its class in the collection, and without them, when whatever is found is wrong (open set). The error is measured by
    halves: fitted on the queries of every second class, judged on those of the others, and the other way round. The calibration
    itself is fitted on all.

    Args:
        sets: one or more.

    Returns:
        None where there are too few classes or pairs to tell, or where more similar images are not more often of one kind.
    """
    pairs = _Pairs.joined([_pairs_of(one, settings, absent) for one in _collections(sets, settings) for absent in (False, True)])
    halves = [pairs.take(pairs.even), pairs.take(~pairs.even)]
    classes = sum(_shared_classes(one.labels) for one in sets)
    if classes < settings.fewest_classes or min(int((half.same & half.near).sum()) for half in halves) < settings.fewest_pairs:
        return None
    judged = []
    for fitted, held in (halves, halves[::-1]):
        calibration = _fit(fitted)
        if calibration is None:
            return None
        shown = held.take(held.near)
        judged.append((calibration.probability(shown.similarities, shown.background), shown.same))
    chances, same = (np.concatenate(column) for column in zip(*judged, strict=True))
    calibration = _fit(pairs)
    if calibration is None:
        return None
    return Calibrated(calibration, expected_calibration_error(chances, same), reliability(chances, same))


def shown_chances(
    calibration: Calibration,
    queries: Floats,
    gallery: Floats,
    neighbours: Neighbours,
    images: Images,
    settings: CalibrationSettings = DEFAULT,
) -> Values:
    """The chances of the neighbours (Q, k) that a collection of the gallery would show to these queries, float64 (Q, k).

    Args:
        queries, gallery: float32 (Q, dim) and (G, dim), unit length.
        images: of queries and gallery: a query is no part of its own background.
    """
    drawn = _drawn_rows(len(gallery), settings)
    background = Background.of(queries, gallery[drawn], images[0][:, None] == images[1][drawn])
    return calibration.probability(neighbours.similarities, background.take(np.arange(len(queries))[:, None]))


def fit_logistic(features: Values, same: Mask, weights: Values | None = None, steps: int = 50) -> Values:
    """Weights of P(same) = 1 / (1 + exp(-(features @ w + w0))), float64 (F + 1,), w0 last, by Newton's method.

    Platt, "Probabilistic outputs for support vector machines" (1999), with his smoothed targets, so that separable pairs stay
    finite.

    Args:
        features: float (n, F), of pairs.
        same: bool (n,), whether a pair is of one kind.
        weights: float (n,), how much each pair counts; None: all alike.
        steps: of Newton's method at most; it ends where nothing changes any more.

    Raises:
        ValueError: all pairs are of one kind, or none is.
    """
    positives, negatives = int(same.sum()), int((~same).sum())
    if not positives or not negatives:
        raise ValueError("calibration needs pairs that are alike and pairs that are not")
    targets = np.where(same, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.concatenate([features.astype(np.float64), np.ones((len(features), 1))], axis=1)
    counts = np.ones(len(same)) if weights is None else weights * (len(same) / weights.sum())
    found = np.zeros(design.shape[1])
    for _ in range(steps):
        probabilities = 1 / (1 + np.exp(-np.clip(design @ found, -40, 40)))
        gradient = design.T @ (counts * (probabilities - targets))
        curvature = (design * (counts * probabilities * (1 - probabilities))[:, None]).T @ design + 1e-9 * np.eye(len(found))
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-10:
            break
    return found


def fit_calibration(
    similarities: Values, background: Background, same: Mask, weights: Values | None = None
) -> Calibration | None:
    """The calibration of pairs (n,) with the background of the query of each; None where none of its weights is above 0.

    A weight below 0 would let the chance fall as the similarity rises; such a part is left out.

    Raises:
        ValueError: as `fit_logistic`.
    """
    counts = np.ones(len(same)) if weights is None else weights
    mean = float(np.average(background.mean, weights=counts))
    spread = max(float(np.average(background.spread, weights=counts)), 1e-6)
    features = np.stack(standing(similarities, background, mean, spread), axis=1)
    kept = [0, 1]
    while kept:
        found = fit_logistic(features[:, kept], same, weights)
        rising = [column for column, weight in zip(kept, found, strict=False) if weight > 0]
        if rising == kept:
            nearness, contrast = (float(found[kept.index(column)]) if column in kept else 0.0 for column in (0, 1))
            return Calibration(
                nearness=nearness, contrast=contrast, intercept=float(found[-1]), usual_mean=mean, usual_spread=spread
            )
        kept = rising
    return None


def reliability(probabilities: Values, same: Mask, bins: int = 10) -> Reliability:
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


def _fit(pairs: _Pairs) -> Calibration | None:
    return fit_calibration(pairs.similarities, pairs.background, pairs.same, pairs.weights)


def _collections(sets: Sequence[LabelledSet], settings: CalibrationSettings) -> list[_Collection]:
    """The sets, some classes of each, and all of them together."""
    whole: list[_Collection] = []
    for one in sets:
        first = sum(int(before.kinds.max()) + 1 for before in whole[-1:])
        kinds = first + np.unique(np.asarray(one.labels, dtype=np.str_), return_inverse=True)[1]
        others = np.empty((0, one.descriptors.shape[1]), dtype=np.float32) if one.others is None else one.others
        whole.append(_Collection(one.descriptors, kinds, others))
    small = []
    for every in whole:
        kinds = np.unique(every.kinds)
        for few in settings.few_classes:
            if len(kinds) > few:
                chosen = np.isin(every.kinds, np.random.default_rng(0).choice(kinds, few, replace=False))
                small.append(_Collection(every.descriptors[chosen], every.kinds[chosen], every.others[:0]))
    together = [_Collection(*(np.concatenate(column) for column in zip(*whole, strict=True)))] if len(whole) > 1 else []
    return [*whole, *small, *together]


def _pairs_of(one: _Collection, settings: CalibrationSettings, absent: bool) -> _Pairs:
    """Queries with their nearest images, and with as many drawn at random; if `absent`, with none of their class."""
    gallery = np.concatenate([one.descriptors, one.others])
    found = np.concatenate([one.kinds, np.full(len(one.others), -1)])
    rng = np.random.default_rng(0)
    rows = np.sort(rng.choice(len(one.kinds), min(settings.queries, len(one.kinds)), replace=False))
    queries = one.descriptors[rows]
    images = (one.kinds[rows], found) if absent else (rows, np.arange(len(gallery)))
    near = nearest(queries, gallery, min(settings.near, len(gallery)), images=images).indices
    drawn = rng.integers(0, len(gallery), (len(rows), settings.drawn))
    columns = np.concatenate([near, drawn], axis=1)
    kept = (columns >= 0) & (images[0][:, None] != images[1][columns])
    similarities = np.stack([gallery[line] @ query for line, query in zip(columns, queries, strict=True)])
    sample = _drawn_rows(len(gallery), settings)
    background = Background.of(queries, gallery[sample], images[0][:, None] == images[1][sample])
    which, place = np.nonzero(kept)
    kind = one.kinds[rows][which]
    return _Pairs(
        similarities[kept].astype(np.float64), background.take(which), found[columns][kept] == kind, place < near.shape[1],
        kind % 2 == 0, np.full(len(which), (settings.absent if absent else 1 - settings.absent) / max(1, len(which))),
    )  # fmt: skip


def _drawn_rows(count: int, settings: CalibrationSettings) -> Indices:
    """Rows of so many images that are the background, at equal distances."""
    return np.linspace(0, count - 1, min(settings.background, count)).astype(np.int64)


def _shared_classes(labels: Sequence[str]) -> int:
    """Classes that have a pair."""
    return int((np.unique(np.asarray(labels, dtype=np.str_), return_counts=True)[1] > 1).sum())
