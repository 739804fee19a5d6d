from __future__ import annotations

from collections.abc import Callable

import pytest

from podoba.report.study.find.claim_tests import Claim, Claimed, examine_claims, outcome_of, pairs_of
from podoba.report.study.find.differences import compare
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.quantities import QUANTITIES
from podoba.study.folder import Variant

MakeVariant = Callable[..., Variant]
WithValues = Callable[..., Measured]

OF_LOSSES = Claim(
    "triplet-closer",
    ((QUANTITIES["within"], "less"), (QUANTITIES["ratio"], "less")),
    first=lambda settings: settings.get("loss.name") == "triplet",
    second=lambda settings: settings.get("loss.name") == "cross-entropy",
    about=("loss.", "sampler."),
)
OF_EVERY_RUN = Claim("positive", ((QUANTITIES["within"], "more"),))


@pytest.mark.parametrize(
    ("triplet", "entropy", "claimed", "outcome"),
    [
        ([0.5, 0.6, 0.7], [0.8, 0.9, 1.01], "less", "supported"),
        ([0.5, 0.6, 0.7], [0.8, 0.9, 1.01], "more", "contradicted"),
        ([0.8, 0.9, 1.01], [0.5, 0.6, 0.7], "less", "contradicted"),
        ([0.5, 0.9, 0.7], [0.6, 0.8, 0.9], "less", "undecided"),
        ([0.1, None, None], [0.9, 0.9, 0.9], "less", "single-seed"),
        ([None, None, None], [0.9, 0.9, 0.9], "more", "untested"),
    ],
)
def test_the_outcome_follows_from_the_difference_and_the_claimed_side(
    with_values: WithValues,
    two: list[Variant],
    triplet: list[float | None],
    entropy: list[float | None],
    claimed: Claimed,
    outcome: str,
) -> None:
    measured = with_values(two, "within", {"triplet": triplet, "entropy": entropy})
    assert outcome_of(compare(measured, [(two[0], two[1])], "within"), claimed) == outcome


def test_the_first_quantity_gives_the_outcome_of_the_claim(with_values: WithValues, two: list[Variant]) -> None:
    measured = with_values(two, "within", {"triplet": [0.5, 0.6, 0.7], "entropy": [0.8, 0.9, 1.01]})
    (test,) = examine_claims(measured, [OF_LOSSES])
    assert [tested.outcome for tested in test.quantities] == ["supported", "untested"]
    assert test.outcome == "supported"
    assert [(a.name, b.name) for (a, b), _ in test.quantities[0].by_pair] == [("triplet", "entropy")]


def test_a_claim_of_every_run_is_tested_against_zero(with_values: WithValues, two: list[Variant]) -> None:
    measured = with_values(two, "within", {"triplet": [0.1, 0.12, 0.11], "entropy": [0.2, 0.22, 0.2]})
    (test,) = examine_claims(measured, [OF_EVERY_RUN])
    assert test.outcome == "supported"
    assert test.quantities[0].overall.estimate is not None
    assert test.quantities[0].overall.estimate.n == 3
    assert test.quantities[0].by_pair == []


def test_variants_are_paired_that_differ_only_in_what_the_claim_is_about(variant: MakeVariant) -> None:
    variants = [
        variant(f"{loss}-{name}", {}, loss_name=loss, augmentation_name=name)
        for name in ("none", "flip", "crop")
        for loss in ("triplet", "cross-entropy")
    ]
    assert [(a.name, b.name) for a, b in pairs_of(variants, OF_LOSSES)] == [
        (f"triplet-{name}", f"cross-entropy-{name}") for name in ("none", "flip", "crop")
    ]
    assert pairs_of(variants, OF_EVERY_RUN) == []


def test_runs_that_differ_in_something_else_are_no_pair(variant: MakeVariant) -> None:
    apart = [
        variant("a", {}, loss_name="triplet", augmentation_name="flip"),
        variant("b", {}, loss_name="cross-entropy", augmentation_name="none"),
    ]
    assert pairs_of(apart, OF_LOSSES) == []
    tuned = [
        variant("a", {}, loss_name="triplet", optimizer_lr=0.01, sampler_name="balanced"),
        variant("b", {}, loss_name="cross-entropy", optimizer_lr=0.1, sampler_name="shuffled"),
    ]
    assert len(pairs_of(tuned, OF_LOSSES)) == 1
    searched = [*tuned, variant("c", {}, loss_name="cross-entropy", optimizer_lr=0.3, sampler_name="shuffled")]
    assert pairs_of(searched, OF_LOSSES) == []  # the rate varies by itself, so none is the rate of the loss
