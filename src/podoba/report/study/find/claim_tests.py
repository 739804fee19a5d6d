"""Claims about trainings, tested on a study's own numbers: supported, contradicted, or not decided by these runs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from podoba.report.study.find.differences import Difference, VariantPair, compare, compare_with_zero
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.quantities import Quantity
from podoba.runs.settings_file import dotted
from podoba.study.folder import Variant

Claimed = Literal["less", "more"]
Which = Callable[[Mapping[str, Any]], bool]  # of dotted settings: whether a run is one of these
Outcome = Literal["supported", "contradicted", "undecided", "single-seed", "untested"]

# What may be tuned for each side of a comparison without making it another comparison.
TUNED = ("optimizer.", "schedule.", "sampler.", "batch_size", "epochs", "gradient_clip", "early_stopping.", "averaging.")


@dataclass(frozen=True)
class Claim:
    """A claim; its sentence is the text `claim.<name>` of the catalogue.

    It compares runs that differ in nothing but what it is about, or, without `first` and `second`, is of every run by itself.

    Attributes:
        quantities: each with what is claimed of it: less in the first run than in the second, or more (of every run by itself:
            below or above zero). The outcome of the first quantity is that of the claim.
        first, second: which of two runs is which, by dotted setting; None: the claim is of every run by itself.
        about: beginnings of the settings that the two runs may differ in.
    """

    name: str
    quantities: tuple[tuple[Quantity, Claimed], ...]
    first: Which | None = None
    second: Which | None = None
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuantityTest:
    """A quantity that stands for a claim, tested.

    Attributes:
        overall: averaged over all pairs.
        by_pair: the difference of each pair of variants by itself.
    """

    quantity: Quantity
    claimed: Claimed
    overall: Difference
    by_pair: list[tuple[VariantPair, Difference]]

    @property
    def outcome(self) -> Outcome:
        """Over all pairs."""
        return outcome_of(self.overall, self.claimed)


@dataclass(frozen=True)
class ClaimTest:
    """A claim tested on the study; its outcome is that of its first quantity."""

    claim: Claim
    quantities: list[QuantityTest]

    @property
    def outcome(self) -> Outcome:
        """Of the quantity that stands for the claim."""
        return self.quantities[0].outcome


def examine_claims(measured: Measured, claims: Sequence[Claim]) -> list[ClaimTest]:
    """Each claim tested on the study."""
    return [ClaimTest(claim, _quantity_tests(measured, claim)) for claim in claims]


def outcome_of(difference: Difference, claimed: Claimed) -> Outcome:
    """Supported or contradicted where the interval of the difference leaves out zero; else why it is not decided."""
    direction = difference.direction
    if direction == "higher" or direction == "lower":
        return "supported" if (direction == "higher") == (claimed == "more") else "contradicted"
    return direction


def pairs_of(variants: Sequence[Variant], claim: Claim) -> list[VariantPair]:
    """Variants that differ only in what the claim is about.

    A setting of `TUNED` that follows from those (a learning rate chosen for each loss) belongs to what is compared. A claim of
    every run by itself has no pairs.
    """
    if claim.first is None or claim.second is None:
        return []
    owners = [variant for variant in variants if variant.cells]
    settings = [dotted(variant.cells[0].settings) for variant in owners]
    keys = {key for one in settings for key in one} - {"seed"}
    varying = sorted(key for key in keys if len({_text(one.get(key)) for one in settings}) > 1)
    about = [key for key in varying if key.startswith(claim.about)]
    rest = [key for key in varying if key not in about and not (key.startswith(TUNED) and _follows(settings, key, about))]
    return [
        (owners[i], owners[j])
        for i, first in enumerate(settings)
        for j, second in enumerate(settings)
        if claim.first(first) and claim.second(second) and all(_text(first.get(k)) == _text(second.get(k)) for k in rest)
    ]


def _quantity_tests(measured: Measured, claim: Claim) -> list[QuantityTest]:
    pairs = pairs_of(measured.study.variants, claim)
    tests = []
    for quantity, claimed in claim.quantities:
        by_itself = claim.first is None
        overall = compare_with_zero(measured, quantity.key) if by_itself else compare(measured, pairs, quantity.key)
        by_pair = [(pair, compare(measured, [pair], quantity.key)) for pair in pairs]
        tests.append(QuantityTest(quantity, claimed, overall, by_pair))
    return tests


def _follows(settings: Sequence[Mapping[str, Any]], key: str, others: Sequence[str]) -> bool:
    """Whether a setting is the same wherever those of `others` are the same."""
    seen: dict[str, str] = {}
    return all(
        seen.setdefault(_text([one.get(k) for k in others]), _text(one.get(key))) == _text(one.get(key)) for one in settings
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
