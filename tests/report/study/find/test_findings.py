from __future__ import annotations

from collections.abc import Callable

from podoba.report.study.find.axes import compare_along_axes
from podoba.report.study.find.claim_tests import examine_claims
from podoba.report.study.find.findings import AXIS_COLUMNS, CLAIM_COLUMNS, axes_table, claims_data, claims_table
from podoba.report.study.paper import CLAIMS
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

WithValues = Callable[..., Measured]
TRIPLET_LOWER = {"triplet": [0.5, 0.6, 0.7], "entropy": [0.8, 0.9, 1.01]}


def test_a_claim_has_a_row_for_each_quantity(with_values: WithValues, two: list[Variant]) -> None:
    tests = examine_claims(with_values(two, "within", TRIPLET_LOWER), [CLAIMS["triplet-closer"], CLAIMS["cat-dog"]])
    table = claims_table(tests)
    assert [column.key for column in table.columns] == list(CLAIM_COLUMNS)
    assert [str(row["outcome"]) for row in table.rows] == ["supported", *["not tested by this study"] * 3]
    assert [str(row["pair"]) for row in table.rows] == [
        "pairs averaged: 1 of 1", *["pairs averaged: 0 of 1"] * 2, "against zero",
    ]  # fmt: skip
    assert [row["seeds"] for row in table.rows] == [3, None, None, None]


def test_several_pairs_have_rows_of_their_own(variant: Callable[..., Variant], with_values: WithValues) -> None:
    variants = [
        variant(f"{loss}-{name}", {}, loss_name=loss, augmentation_name=name)
        for name in ("none", "flip")
        for loss in ("triplet", "cross-entropy")
    ]
    values = {one.name: [0.1, 0.2, 0.3] for one in variants}
    table = claims_table(examine_claims(with_values(variants, "uniformity", values), [CLAIMS["cross-entropy-crowded"]]))
    assert [str(row["pair"]) for row in table.rows][:3] == [
        "pairs averaged: 2 of 2", "triplet-none − cross-entropy-none", "triplet-flip − cross-entropy-flip",
    ]  # fmt: skip


def test_the_page_gets_all_that_an_outcome_rests_on(with_values: WithValues, two: list[Variant]) -> None:
    data = claims_data(examine_claims(with_values(two, "within", TRIPLET_LOWER), [CLAIMS["triplet-closer"], CLAIMS["cat-dog"]]))
    assert [(claim["claim"], claim["outcome"], claim["against_zero"]) for claim in data] == [
        ("triplet-closer", "supported", False), ("cat-dog", "untested", True),
    ]  # fmt: skip
    first = data[0]["tested"][0]
    assert (first["quantity"], first["digits"], first["estimate"]["n"]) == ("within", 4, 3)
    assert [(pair["name"], pair["outcome"]) for pair in first["pairs"]] == [("triplet − entropy", "supported")]
    assert data[1]["tested"][0]["estimate"] is None


def test_axes_have_a_row_for_each_value_and_quantity(with_values: WithValues, losses_by_rates: list[Variant]) -> None:
    values = {variant.name: [0.5, 0.52, 0.51] for variant in losses_by_rates}
    table = axes_table(compare_along_axes(with_values(losses_by_rates, "knn_score", values)))
    assert [column.key for column in table.columns] == list(AXIS_COLUMNS)
    assert [(row["value"], str(row["quantity"]), str(row["outcome"])) for row in table.rows][:2] == [
        ("triplet", "KNN score", "not decided"), ("triplet", "MAP@R", "not tested"),
    ]  # fmt: skip
    assert axes_table([]).rows == []
