"""How sure a mean is: Student's intervals over a few repeated runs, bootstrap intervals over many queries.

Student, "The probable error of a mean" (1908): with three to five seeds the normal distribution would promise too much. Efron,
"Bootstrap methods: another look at the jackknife" (1979): percentiles of the means of samples drawn with replacement.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.errors import require

CONFIDENCE = 0.95
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean of n values and how sure it is.

    Attributes:
        deviation: sample standard deviation (n - 1 in the denominator); None for a single value.
        low, high: ends of the interval of the mean; None for a single value, which says nothing of its own spread.
    """

    mean: float
    n: int
    deviation: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def half(self) -> float | None:
        """Half the width of the interval."""
        return None if self.high is None else self.high - self.mean


def estimate(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of independent values with its Student interval.

    Raises:
        ValueError: no values.
        MissingExtra: scipy is not installed.
    """
    n = len(values)
    if not n:
        raise ValueError("there is no mean of no values")
    mean = float(np.mean(values))
    if n == 1:
        return Estimate(mean, 1)
    deviation = float(np.std(values, ddof=1))
    half = _half(n, deviation, confidence)
    return Estimate(mean, n, deviation, mean - half, mean + half)


def runs_to_decide(mean: float, deviation: float | None, confidence: float = CONFIDENCE, most: int = 1000) -> int | None:
    """The least number of runs whose interval would leave out zero, were mean and deviation to stay as they are.

    Args:
        mean, deviation: of the runs so far, as in `Estimate`.
        most: beyond it no number is named: the difference is too small to matter.

    Returns:
        None where the spread is unknown, the mean is zero, or more than `most` would be needed.
    """
    if deviation is None or mean == 0:
        return None

    def decides(n: int) -> bool:  # once it is true it stays true: the interval only narrows
        return _half(n, deviation, confidence) < abs(mean)

    needed = 2 + bisect_left(range(2, most + 1), True, key=decides)
    return needed if needed <= most else None


def bootstrap_means(values: Values, samples: int = 1000, seed: int = 0) -> Values:
    """95% intervals of the means of several metrics, by one bootstrap over the queries: all metrics see the same samples.

    Args:
        values: float64 (n, m), of n queries under m metrics, n >= 1.
        samples: drawn, of n queries each.
        seed: of the draws; equal input and seed, equal interval.

    Returns:
        float64 (m, 2), the lower and the upper end.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    # How often each query is drawn is all that the mean depends on.
    means = np.stack([rng.multinomial(n, np.full(n, 1 / n)) @ values / n for _ in range(samples)])
    return _percentiles(means)


def bootstrap_share(correct: Values, samples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The 95% interval of a share: how many of n draws are right is binomial, so that nothing needs to be drawn one by one.

    Args:
        correct: float64 (n,), 1 for each query that was answered rightly, else 0.
        samples, seed: as `bootstrap_means`.
    """
    rng = np.random.default_rng(seed)
    shares = rng.binomial(len(correct), correct.mean(), samples) / len(correct)
    low, high = _percentiles(shares)
    return float(low), float(high)


def _half(n: int, deviation: float, confidence: float) -> float:
    """Half the width of Student's interval of the mean of n values."""
    return float(require("scipy.special", "train").stdtrit(n - 1, (1 + confidence) / 2)) * deviation / math.sqrt(n)


def _percentiles(means: Values) -> Values:
    """(samples, ...) to (..., 2): the ends between which 95% of the samples lie."""
    return np.moveaxis(np.percentile(means, [2.5, 97.5], axis=0), 0, -1)
