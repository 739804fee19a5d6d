from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podoba.report.study.find.axes import axis_groups, compare_along_axes, value_name
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

MakeVariant = Callable[..., Variant]
WithValues = Callable[..., Measured]


def test_each_value_of_an_axis_is_compared_with_the_first(with_values: WithValues, losses_by_rates: list[Variant]) -> None:
    values: dict[str, list[float | None]] = {variant.name: [0.5, 0.52, 0.51] for variant in losses_by_rates}
    values["triplet-0.1"] = [0.6, 0.62, 0.61]
    values["triplet-0.01"] = [0.7, 0.72, 0.71]
    measured = with_values(losses_by_rates, "knn_score", values)
    rows = [row for row in compare_along_axes(measured) if row.difference.quantity == "knn_score"]
    assert [(row.axis, row.value, row.baseline, row.difference.direction) for row in rows] == [
        ("loss.name", "triplet", "cross-entropy", "higher"),
        ("loss.name", "supcon", "cross-entropy", "undecided"),
        ("optimizer.lr", "0.01", "0.1", "higher"),
    ]
    assert rows[0].difference.estimate is not None
    assert rows[0].difference.estimate.mean == pytest.approx(0.15)


def test_what_stands_beside_an_axis_is_not_compared_along_it(
    variant: MakeVariant, with_values: WithValues, losses_by_rates: list[Variant]
) -> None:
    variants = [*losses_by_rates, variant("one", {"cell": "one"}), variant("two", {"cell": "two"})]
    rows = compare_along_axes(with_values(variants, "knn_score", {one.name: [0.5, 0.52, 0.51] for one in variants}))
    assert {(row.axis, row.value, row.baseline) for row in rows} == {
        ("loss.name", "triplet", "cross-entropy"), ("loss.name", "supcon", "cross-entropy"), ("optimizer.lr", "0.01", "0.1"),
        ("cell", "two", "one"),
    }  # fmt: skip


def test_trials_of_a_search_are_not_compared_along_axes(variant: MakeVariant, with_values: WithValues) -> None:
    variants = [variant(f"trial {i}", {"optimizer.lr": 0.1 * i, "head.dim": i}) for i in (1, 2, 3)]
    assert compare_along_axes(with_values(variants, "knn_score", {one.name: [0.5, 0.6, 0.7] for one in variants})) == []


def test_axes_that_vary_together_are_one(variant: MakeVariant) -> None:
    variants = [variant("a", {"loss": "triplet", "lr": 1, "dim": 8}), variant("b", {"loss": "arcface", "lr": 2, "dim": 8})]
    assert axis_groups(variants, [["loss", "lr"]]) == [("loss", "lr")]
    assert axis_groups(variants, []) == [("loss",), ("lr",)]


@pytest.mark.parametrize(
    ("value", "name"),
    [("x", "x"), (0.1, "0.1"), (None, "null"), (["a", "b"], "a + b"), ({"name": "mine", "set": {"a": 1}}, "mine")],
)
def test_values_have_names(value: Any, name: str) -> None:
    assert value_name(value) == name
