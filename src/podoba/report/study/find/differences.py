"""Paired differences of a quantity between variants, over seeds, and how many seeds would decide.

One difference a seed: where several pairs of variants are compared (a loss under three augmentations), their differences are
averaged within the seed first, because runs of one seed share their split and are not independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from podoba.metrics.intervals import Estimate, estimate, runs_to_decide
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

Direction = Literal["higher", "lower", "undecided", "single-seed", "untested"]
VariantPair = tuple[Variant, Variant]


@dataclass(frozen=True)
class Difference:
    """A quantity of one variant less that of another, over seeds.

    Attributes:
        quantity: its key.
        estimate: over the seeds at which these pairs are finished; None where there is none.
        needed: how many seeds would decide, from the spread that was seen; None where that cannot be said.
        pairs: how many pairs of variants it is the average of.
    """

    quantity: str
    estimate: Estimate | None
    needed: int | None
    pairs: int

    @property
    def direction(self) -> Direction:
        """Higher or lower where the interval leaves out zero; never from a single seed."""
        if self.estimate is None:
            return "untested"
        if self.estimate.n == 1:
            return "single-seed"
        if not _leaves_out_zero(self.estimate):
            return "undecided"
        return "higher" if self.estimate.mean > 0 else "lower"


def compare(measured: Measured, pairs: Sequence[VariantPair], quantity: str) -> Difference:
    """First less second, averaged within each seed over the pairs.

    Pairs of which fewer seeds are finished than of others are left out: with them the seeds would be too few for all.
    """
    by_pair = [_by_seed(measured, pair, quantity) for pair in pairs]
    most = max((len(by_seed) for by_seed in by_pair), default=0)
    by_pair = [by_seed for by_seed in by_pair if by_seed and len(by_seed) == most]
    seeds = sorted(set.intersection(*(set(by_seed) for by_seed in by_pair))) if by_pair else []
    if not seeds:
        return Difference(quantity, None, None, 0)
    return _difference(quantity, [[by_seed[seed] for by_seed in by_pair] for seed in seeds], len(by_pair))


def compare_with_zero(measured: Measured, quantity: str) -> Difference:
    """A quantity less zero, averaged within each seed over all variants that have it."""
    variants = [variant for variant in measured.study.variants if _values(measured, variant, quantity)]
    by_seed: dict[int, list[float]] = {}
    for variant in variants:
        for seed, value in _values(measured, variant, quantity).items():
            by_seed.setdefault(seed, []).append(value)
    whole = [values for _, values in sorted(by_seed.items()) if len(values) == len(variants)]
    if not whole:
        return Difference(quantity, None, None, len(variants))
    return _difference(quantity, whole, len(variants))


def _difference(quantity: str, by_seed: Sequence[Sequence[float]], pairs: int) -> Difference:
    mean = estimate([sum(values) / len(values) for values in by_seed])
    needed = None if _leaves_out_zero(mean) else runs_to_decide(mean.mean, mean.deviation)
    return Difference(quantity, mean, needed, pairs)


def _by_seed(measured: Measured, pair: VariantPair, quantity: str) -> dict[int, float]:
    first, second = (_values(measured, variant, quantity) for variant in pair)
    return {seed: first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())}


def _values(measured: Measured, variant: Variant, quantity: str) -> dict[int, float]:
    """A quantity by seed, of the finished cells of a variant that have it."""
    return {
        cell.seed: measured.values[cell.key][quantity] for cell in variant.cells if quantity in measured.values.get(cell.key, {})
    }


def _leaves_out_zero(mean: Estimate) -> bool:
    return mean.low is not None and mean.high is not None and (mean.low > 0 or mean.high < 0)
