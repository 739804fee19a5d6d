"""Verdicts from a study's own numbers: paired differences over seeds, and how many seeds would decide.

One difference a seed: where several pairs of variants bear on a claim (a loss under three augmentations), their differences are
averaged within the seed first, because runs of one seed share their split and are not independent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from podoba.metrics.intervals import Estimate, estimate, runs_to_decide
from podoba.report.study.find.claims import CLAIMS, Claim, check_claims
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

Verdict = Literal["supported", "contradicted", "undecided", "single-seed", "untested"]
Direction = Literal["higher", "lower", "undecided", "single-seed", "untested"]
Pair = tuple[Variant, Variant]

COMPARED = ("knn_score", "map@r", "relative_gap")  # along each axis
# What may be tuned for each side of a comparison without making it another comparison.
TUNED = ("optimizer.", "schedule.", "sampler.", "batch_size", "epochs", "gradient_clip", "early_stopping.", "averaging.")


@dataclass(frozen=True)
class Difference:
    """A quantity of one variant less that of another, over seeds.

    Attributes:
        estimate: over the seeds at which these pairs are finished; None where there is none.
        needed: how many seeds would decide, from the spread that was seen; None where that cannot be said.
        pairs: how many pairs of variants it is the average of.
    """

    quantity: str
    estimate: Estimate | None
    needed: int | None
    pairs: int


@dataclass(frozen=True)
class Tested:
    """A quantity that stands for a claim: what was claimed, what was found, over all pairs and for each."""

    claimed: Literal["less", "more"]
    overall: Difference
    verdict: Verdict
    pairs: list[tuple[Pair, Difference, Verdict]]


@dataclass(frozen=True)
class Finding:
    """A claim put to the study; its verdict is that of its first quantity."""

    claim: Claim
    tested: list[Tested]

    @property
    def verdict(self) -> Verdict:
        """Of the quantity that stands for the claim."""
        return self.tested[0].verdict


@dataclass(frozen=True)
class Along:
    """A value of an axis against the first value of it, all else equal."""

    axis: str
    value: str
    baseline: str
    difference: Difference
    direction: Direction


def examine_claims(measured: Measured, names: Sequence[str] = ()) -> list[Finding]:
    """Every claim, or those named, put to the study.

    Raises:
        SettingsError: a name that is no claim's.
    """
    check_claims(names)
    return [_test(measured, CLAIMS[name]) for name in names or CLAIMS]


def compare_along_axes(measured: Measured) -> list[Along]:
    """Every value of every axis of the plan against its first value, the other axes being equal.

    Variants that stand beside an axis (cells named one by one, trials of a search) have no value on it and are left out.
    """
    variants = measured.study.variants
    rows = []
    for group in axis_groups(variants, measured.study.plan.zip):
        names = [name for name in dict.fromkeys(_named(variant, group) for variant in variants) if name]
        baseline = names[0]
        for name in names[1:]:
            pairs = _along(variants, group, name, baseline)
            if not pairs:
                continue
            for quantity in COMPARED:
                difference = compare(measured, pairs, quantity)
                rows.append(Along(" + ".join(group), name, baseline, difference, _direction(difference)))
    return rows


def compare(measured: Measured, pairs: Sequence[Pair], quantity: str) -> Difference:
    """First less second, averaged within each seed over the pairs.

    Pairs of which fewer seeds are finished than of others are left out: with them the seeds would be too few for all.
    """
    by_pair = [_by_seed(measured, pair, quantity) for pair in pairs]
    most = max((len(found) for found in by_pair), default=0)
    by_pair = [found for found in by_pair if found and len(found) == most]
    seeds = sorted(set.intersection(*(set(found) for found in by_pair))) if by_pair else []
    if not seeds:
        return Difference(quantity, None, None, 0)
    made = estimate([sum(found[seed] for found in by_pair) / len(by_pair) for seed in seeds])
    return Difference(quantity, made, None if _decided(made) else runs_to_decide(made.mean, made.deviation), len(by_pair))


def axis_groups(variants: Sequence[Variant], zipped: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The axes that more than one value was tried of; those that vary together count as one."""
    names = list(dict.fromkeys(name for variant in variants for name in variant.values))
    groups = [tuple(group) for group in zipped]
    together = {name for group in groups for name in group}
    groups += [(name,) for name in names if name not in together]
    groups.sort(key=lambda group: names.index(group[0]) if group[0] in names else len(names))
    return [group for group in groups if len({_named(variant, group) for variant in variants}) > 1]


def pairs_of(variants: Sequence[Variant], claim: Claim) -> list[Pair]:
    """Variants that differ only in what the claim is about.

    A setting of `TUNED` that follows from those (a learning rate chosen for each loss) belongs to what is compared.
    """
    assert claim.first is not None
    assert claim.second is not None
    settings = [flat(variant.cells[0].settings) for variant in variants if variant.cells]
    owners = [variant for variant in variants if variant.cells]
    varying = sorted(
        {key for one in settings for key in one if len({_text(other.get(key)) for other in settings}) > 1} - {"seed"}
    )
    about = [key for key in varying if key.startswith(claim.about)]
    rest = [key for key in varying if key not in about and not (key.startswith(TUNED) and _follows(settings, key, about))]
    pairs = []
    for i, mine in enumerate(settings):
        for j, other in enumerate(settings):
            if claim.first(mine) and claim.second(other) and all(_text(mine.get(k)) == _text(other.get(k)) for k in rest):
                pairs.append((owners[i], owners[j]))
    return pairs


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by dotted key."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _test(measured: Measured, claim: Claim) -> Finding:
    if claim.first is None:
        return Finding(claim, [_of_itself(measured, quantity, claimed) for quantity, claimed in claim.quantities])
    pairs = pairs_of(measured.study.variants, claim)
    tested = []
    for quantity, claimed in claim.quantities:
        each = [(pair, compare(measured, [pair], quantity)) for pair in pairs]
        overall = compare(measured, pairs, quantity)
        tested.append(
            Tested(
                claimed, overall, _verdict(overall, claimed), [(pair, found, _verdict(found, claimed)) for pair, found in each]
            )
        )
    return Finding(claim, tested)


def _of_itself(measured: Measured, quantity: str, claimed: Literal["less", "more"]) -> Tested:
    """A quantity that is compared with zero, averaged over the variants within each seed."""
    by_seed: dict[int, list[float]] = {}
    variants = [v for v in measured.study.variants if any(quantity in measured.values.get(c.key, {}) for c in v.cells)]
    for variant in variants:
        for cell in variant.cells:
            if quantity in measured.values.get(cell.key, {}):
                by_seed.setdefault(cell.seed, []).append(measured.values[cell.key][quantity])
    whole = [values for _, values in sorted(by_seed.items()) if len(values) == len(variants)]
    made = estimate([sum(values) / len(values) for values in whole]) if whole else None
    needed = None if made is None or _decided(made) else runs_to_decide(made.mean, made.deviation)
    overall = Difference(quantity, made, needed, len(variants))
    return Tested(claimed, overall, _verdict(overall, claimed), [])


def _by_seed(measured: Measured, pair: Pair, quantity: str) -> dict[int, float]:
    first, second = (
        {
            cell.seed: measured.values[cell.key][quantity]
            for cell in variant.cells
            if quantity in measured.values.get(cell.key, {})
        }
        for variant in pair
    )
    return {seed: first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())}


def _decided(made: Estimate) -> bool:
    return made.low is not None and made.high is not None and (made.low > 0 or made.high < 0)


def _verdict(difference: Difference, claimed: Literal["less", "more"]) -> Verdict:
    direction = _direction(difference)
    if direction in ("higher", "lower"):
        return "supported" if (direction == "higher") == (claimed == "more") else "contradicted"
    return direction  # type: ignore[return-value]  # the rest of the words are the same


def _direction(difference: Difference) -> Direction:
    made = difference.estimate
    if made is None:
        return "untested"
    if made.n == 1:
        return "single-seed"
    if not _decided(made):
        return "undecided"
    return "higher" if made.mean > 0 else "lower"


def _along(variants: Sequence[Variant], group: Sequence[str], name: str, baseline: str) -> list[Pair]:
    def rest(variant: Variant) -> str:
        return _text({key: value for key, value in variant.values.items() if key not in group})

    found = {rest(variant): variant for variant in variants if _named(variant, group) == baseline}
    return [(variant, found[rest(variant)]) for variant in variants if _named(variant, group) == name and rest(variant) in found]


def _named(variant: Variant, group: Sequence[str]) -> str:
    return ", ".join(value_name(variant.values[key]) for key in group if key in variant.values)


def value_name(value: Any) -> str:
    """A value of an axis as a person would call it."""
    if isinstance(value, Mapping) and "name" in value:
        return str(value["name"])
    if isinstance(value, list):
        return " + ".join(value_name(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _follows(settings: Sequence[Mapping[str, Any]], key: str, from_: Sequence[str]) -> bool:
    """Whether a setting is the same wherever those of `from_` are the same."""
    seen: dict[str, str] = {}
    return all(
        seen.setdefault(_text([one.get(k) for k in from_]), _text(one.get(key))) == _text(one.get(key)) for one in settings
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
