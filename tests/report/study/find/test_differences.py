from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podoba.errors import SettingsError
from podoba.report.study.find.claims import CLAIMS
from podoba.report.study.find.differences import (
    Difference,
    axis_groups,
    compare,
    compare_along_axes,
    examine_claims,
    flat,
    pairs_of,
    value_name,
)
from podoba.report.study.find.findings import axes_table, findings_data, findings_table
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Cell, Study, Variant
from podoba.study.plan import Plan


def cell(key: str, settings: dict[str, Any], seed: int) -> Cell:
    return Cell(key, key, {}, seed, settings, Path(key), "done", None, None, [], {}, {})


def variant(name: str, values: dict[str, Any], seeds: tuple[int, ...] = (0, 1, 2), **settings: Any) -> Variant:
    nested: dict[str, Any] = {}
    for key, value in settings.items():
        group, _, setting = key.partition("_")
        nested.setdefault(group, {})[setting] = value
    return Variant(name, values, [cell(f"{name}-{seed}", {**nested, "seed": seed}, seed) for seed in seeds])


def measured(variants: list[Variant], quantity: str, values: dict[str, list[float | None]], **plan: Any) -> Measured:
    """A study in which a quantity of each variant is what is given, seed by seed; None: that seed is not finished."""
    found = {
        one.key: {quantity: value}
        for v in variants
        for one, value in zip(v.cells, values[v.name], strict=True)
        if value is not None
    }
    return Measured(Study(Path("study"), Plan(**plan), variants), found, {}, 1)


def two(**kinds: Any) -> list[Variant]:
    return [variant("triplet", {}, **kinds, loss_name="triplet"), variant("entropy", {}, **kinds, loss_name="cross-entropy")]


@pytest.mark.parametrize(
    ("triplet", "entropy", "verdict", "needed"),
    [
        ([0.5, 0.6, 0.7], [0.8, 0.9, 1.01], "supported", None),
        ([0.8, 0.9, 1.01], [0.5, 0.6, 0.7], "contradicted", None),
        ([0.5, 0.9, 0.7], [0.6, 0.8, 0.9], "undecided", 23),
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "undecided", None),
        ([0.1, None, None], [0.9, 0.9, 0.9], "single-seed", None),
        ([None, None, None], [0.9, 0.9, 0.9], "untested", None),
    ],
)
def test_a_verdict_only_where_the_interval_leaves_out_zero(
    triplet: list[float | None], entropy: list[float | None], verdict: str, needed: int | None
) -> None:
    found = examine_claims(measured(two(), "within", {"triplet": triplet, "entropy": entropy}), ["triplet-closer"])[0]
    assert found.verdict == verdict
    assert found.tested[0].overall.needed == needed


def test_pairs_are_averaged_within_a_seed() -> None:
    """Three augmentations and two seeds make two differences, not six."""
    variants, values = [], {}
    for i, augmentation in enumerate(("none", "flip", "crop")):
        for loss, low in (("triplet", 0.2), ("cross-entropy", 0.5)):
            name = f"{loss}-{augmentation}"
            variants.append(variant(name, {}, (0, 1), loss_name=loss, augmentation_name=augmentation))
            values[name] = [low + 0.1 * i, low + 0.1 * i + (0.02 * i if loss == "triplet" else 0)]
    data = measured(variants, "within", values)
    pairs = pairs_of(data.study.variants, CLAIMS["triplet-closer"])
    assert [(a.name, b.name) for a, b in pairs] == [
        (f"triplet-{name}", f"cross-entropy-{name}") for name in ("none", "flip", "crop")
    ]
    made = compare(data, pairs, "within")
    assert made.pairs == 3
    assert made.estimate is not None
    assert made.estimate.n == 2
    assert made.estimate.mean == pytest.approx((-0.3 + (-0.3 - 0.28 - 0.26) / 3) / 2)


def test_a_pair_with_fewer_seeds_does_not_take_seeds_from_the_others() -> None:
    variants = [
        variant(f"{loss}-{name}", {}, loss_name=loss, augmentation_name=name)
        for name in ("none", "flip")
        for loss in ("triplet", "cross-entropy")
    ]
    values: dict[str, list[float | None]] = {v.name: [0.1, 0.2, 0.3] for v in variants}
    values["triplet-flip"] = [0.9, None, None]
    data = measured(variants, "within", values)
    made = compare(data, pairs_of(variants, CLAIMS["triplet-closer"]), "within")
    assert (made.pairs, made.estimate.n if made.estimate else 0) == (1, 3)


def test_runs_that_differ_in_something_else_are_no_pair() -> None:
    apart = [
        variant("a", {}, loss_name="triplet", augmentation_name="flip"),
        variant("b", {}, loss_name="cross-entropy", augmentation_name="none"),
    ]
    assert pairs_of(apart, CLAIMS["triplet-closer"]) == []
    tuned = [
        variant("a", {}, loss_name="triplet", optimizer_lr=0.01, sampler_name="balanced"),
        variant("b", {}, loss_name="cross-entropy", optimizer_lr=0.1, sampler_name="shuffled"),
    ]
    assert len(pairs_of(tuned, CLAIMS["triplet-closer"])) == 1
    searched = [*tuned, variant("c", {}, loss_name="cross-entropy", optimizer_lr=0.3, sampler_name="shuffled")]
    assert pairs_of(searched, CLAIMS["triplet-closer"]) == []  # the rate varies by itself, so none is the rate of the loss


@pytest.mark.parametrize("values", [{"head_activation": "relu", "head_l2": 0.0}, {"head_activation": "none", "head_l2": 0.001}])
def test_the_descriptor_layer(values: dict[str, Any]) -> None:
    claim = CLAIMS["linear-l2-apart"]
    assert claim.first is not None
    assert claim.second is not None
    settings = flat(variant("x", {}, **values).cells[0].settings)
    assert (claim.first(settings), claim.second(settings)) == (values["head_l2"] > 0, values["head_l2"] == 0)


def test_a_claim_against_zero() -> None:
    variants = two()
    data = measured(variants, "cat_dog_lead", {"triplet": [0.1, 0.12, 0.11], "entropy": [0.2, 0.22, 0.2]})
    found = examine_claims(data, ["cat-dog"])[0]
    assert found.verdict == "supported"
    assert found.tested[0].overall.estimate is not None
    assert found.tested[0].overall.estimate.n == 3


def test_all_claims_are_put_where_none_is_named() -> None:
    data = measured(two(), "within", {"triplet": [1, 2, 3], "entropy": [1, 2, 3]})
    assert [found.claim.name for found in examine_claims(data)] == list(CLAIMS)


def grid() -> list[Variant]:
    return [
        variant(f"{loss}-{rate}", {"loss.name": loss, "optimizer.lr": rate})
        for loss in ("cross-entropy", "triplet", "supcon")
        for rate in (0.1, 0.01)
    ]


def test_each_value_of_an_axis_is_compared_with_the_first() -> None:
    variants = grid()
    values: dict[str, list[float | None]] = {v.name: [0.5, 0.52, 0.51] for v in variants}
    values["triplet-0.1"] = [0.6, 0.62, 0.61]
    values["triplet-0.01"] = [0.7, 0.72, 0.71]
    rows = [row for row in compare_along_axes(measured(variants, "knn_score", values)) if row.difference.quantity == "knn_score"]
    assert [(r.axis, r.value, r.baseline, r.direction) for r in rows] == [
        ("loss.name", "triplet", "cross-entropy", "higher"),
        ("loss.name", "supcon", "cross-entropy", "undecided"),
        ("optimizer.lr", "0.01", "0.1", "higher"),
    ]
    assert rows[0].difference.estimate is not None
    assert rows[0].difference.estimate.mean == pytest.approx(0.15)


def test_what_stands_beside_an_axis_is_not_compared_along_it() -> None:
    variants = [*grid(), variant("one", {"cell": "one"}), variant("two", {"cell": "two"})]
    values: dict[str, list[float | None]] = {v.name: [0.5, 0.52, 0.51] for v in variants}
    rows = compare_along_axes(measured(variants, "knn_score", values))
    assert {(r.axis, r.value, r.baseline) for r in rows} == {
        ("loss.name", "triplet", "cross-entropy"), ("loss.name", "supcon", "cross-entropy"), ("optimizer.lr", "0.01", "0.1"),
        ("cell", "two", "one"),
    }  # fmt: skip


def test_trials_of_a_search_are_not_compared_along_axes() -> None:
    variants = [variant(f"trial {i}", {"optimizer.lr": 0.1 * i, "head.dim": i}) for i in (1, 2, 3)]
    assert compare_along_axes(measured(variants, "knn_score", {v.name: [0.5, 0.6, 0.7] for v in variants})) == []


def test_a_claim_that_is_none_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean 'triplet-closer'"):
        examine_claims(measured([], "knn_score", {}), ["triplet-closr"])


def test_axes_that_vary_together_are_one() -> None:
    variants = [variant("a", {"loss": "triplet", "lr": 1, "dim": 8}), variant("b", {"loss": "arcface", "lr": 2, "dim": 8})]
    assert axis_groups(variants, [["loss", "lr"]]) == [("loss", "lr")]
    assert axis_groups(variants, []) == [("loss",), ("lr",)]


@pytest.mark.parametrize(
    ("value", "name"),
    [("x", "x"), (0.1, "0.1"), (None, "null"), (["a", "b"], "a + b"), ({"name": "mine", "set": {"a": 1}}, "mine")],
)
def test_values_have_names(value: Any, name: str) -> None:
    assert value_name(value) == name


def test_tables_and_data_of_findings() -> None:
    variants = two()
    data = measured(variants, "within", {"triplet": [0.5, 0.6, 0.7], "entropy": [0.8, 0.9, 1.01]})
    findings = examine_claims(data, ["triplet-closer", "cat-dog"])
    table = findings_table(findings)
    assert [str(row["verdict"]) for row in table.rows][:2] == ["supported", "not tested by this study"]
    plain = findings_data(findings)
    assert plain[0]["tested"][0]["pairs"][0]["name"] == "triplet − entropy"
    assert plain[0]["tested"][0]["estimate"]["n"] == 3
    assert plain[1]["tested"][0]["estimate"] is None
    assert axes_table([]).rows == []
    assert isinstance(findings[0].tested[0].overall, Difference)
