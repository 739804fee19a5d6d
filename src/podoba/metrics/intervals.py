"""How sure a few repeated runs make: Student's intervals of means and of paired differences.

Student, "The probable error of a mean" (1908). With three to five seeds the normal distribution would promise too much.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
MOST_SEEDS = 1000  # beyond it no number of runs is named: the difference is too small to matter


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
    """
    n = len(values)
    if not n:
        raise ValueError("there is no mean of no values")
    mean = float(np.mean(values))
    if n == 1:
        return Estimate(mean, 1)
    deviation = float(np.std(values, ddof=1))
    half = student_quantile((1 + confidence) / 2, n - 1) * deviation / math.sqrt(n)
    return Estimate(mean, n, deviation, mean - half, mean + half)


def paired_difference(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of first - second, run by run, with the paired t interval.

    Runs are paired by seed: what a seed does to both (the split, the order of the images) cancels out.

    Args:
        first, second: (n,) each, in the same order of seeds.

    Raises:
        ValueError: of different lengths, or empty.
    """
    return estimate([a - b for a, b in zip(first, second, strict=True)], confidence)


def runs_to_decide(mean: float, deviation: float | None, confidence: float = CONFIDENCE) -> int | None:
    """The least number of runs whose interval would leave out zero, were mean and deviation to stay as they are.

    None where the spread is unknown, the mean is zero, or more than `MOST_SEEDS` would be needed.
    """
    if deviation is None or mean == 0:
        return None

    def decides(n: int) -> bool:  # once it is true it stays true: the interval only narrows
        return student_quantile((1 + confidence) / 2, n - 1) * deviation / math.sqrt(n) < abs(mean)

    found = bisect_left(range(2, MOST_SEEDS + 1), True, key=decides)
    return found + 2 if found + 2 <= MOST_SEEDS else None


def student_quantile(probability: float, degrees: int) -> float:
    """The value that Student's t with that many degrees of freedom stays below with this probability.

    By bisection of the distribution function, which is a finite sum for whole degrees of freedom (Abramowitz and Stegun,
    26.7.3 and 26.7.4).

    Raises:
        ValueError: a probability outside of (0, 1), or fewer than one degree of freedom.
    """
    if not 0 < probability < 1 or degrees < 1:
        raise ValueError(f"no quantile {probability} of t with {degrees} degrees of freedom")
    if probability < 0.5:
        return -student_quantile(1 - probability, degrees)
    wanted = 2 * probability - 1  # the share between -t and t
    low, high = 0.0, 1.0
    while _share_within(high, degrees) < wanted and high < 1e12:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _share_within(middle, degrees) < wanted else (low, middle)
    return (low + high) / 2


def _share_within(t: float, degrees: int) -> float:
    """P(-t < T < t) for t >= 0."""
    angle = math.atan(t / math.sqrt(degrees))
    cosine = math.cos(angle)
    term, total = (cosine, cosine) if degrees % 2 else (1.0, 1.0)
    for k in range(2 + degrees % 2, degrees - 1, 2):
        term *= (k - 1) / k * cosine * cosine
        total += term
    if degrees == 1:
        return 2 * angle / math.pi
    return 2 / math.pi * (angle + math.sin(angle) * total) if degrees % 2 else math.sin(angle) * total
