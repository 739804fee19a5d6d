from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from podoba.report.study.find.results import (
    GEOMETRY,
    OVERFITTING,
    learning_table,
    results_table,
    table_by_variant,
    unfinished_table,
)
from podoba.report.study.read.measured import Measured, measure
from podoba.report.study.read.shown import same_queries
from podoba.study.folder import Study
from podoba.study.plan import Range, Search


def test_tables_have_a_row_a_variant(study: Study, measured: Measured) -> None:
    table = results_table(measured)
    assert [row["variant"] for row in table.rows] == [variant.name for variant in study.variants]
    assert [str(row["seeds"]) for row in table.rows] == ["2", "2", "1 of 2", "2", "2", "2", "1 of 2"]
    assert [column.key for column in table.columns][2:8] == [
        "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch",
        "seconds_per_epoch",
    ]  # fmt: skip
    assert {row["dim"] for row in table.rows} == {64}
    assert {row["descriptor_bytes"] for row in table.rows} == {256}
    assert [column.key for column in table_by_variant(measured, "separation", GEOMETRY).columns][2:] == [
        "within", "between", "ratio", "silhouette", "alignment", "uniformity",
    ]  # fmt: skip
    assert len(table_by_variant(measured, "overfitting", OVERFITTING).rows) == 7
    assert [(row["seed"], str(row["status"]), row["reason"]) for row in unfinished_table(measured).rows] == [
        (1, "failed", "the loss is no longer a number"), (0, "not run yet", ""),
    ]  # fmt: skip


def test_losses_of_different_kinds_have_no_best(measured: Measured, make_study: Callable[..., Study], tmp_path: Path) -> None:
    best = {column.key: column.best for column in results_table(measured).columns}
    assert (best["knn_score"], best["min_validation_loss"], best["min_training_loss"]) == ("high", None, None)
    alike = measure(make_study(tmp_path, only=(0, 1), seeds=(0,)))
    assert {column.key: column.best for column in results_table(alike).columns}["min_validation_loss"] == "low"


def test_of_a_search_the_best_is_shown_and_the_table_says_what_was_set(make_study: Callable[..., Study], tmp_path: Path) -> None:
    made = make_study(tmp_path, only=(0, 1, 3), seeds=(0,))
    made.variants[0].cells[0].evaluation["judged_on"] = "validation"
    plan = made.plan.model_copy(update={"search": Search(ranges={"loss": Range(choices=["cross-entropy", "triplet"])})})
    stopped = replace(made.variants[1].cells[0], status="failed", reason="stopped by the search at epoch 2", evaluation={})
    study = Study(made.folder, plan, [made.variants[0], replace(made.variants[1], cells=[stopped]), made.variants[2]])
    assert [one.place for one in same_queries(study)] == [2]
    measured = measure(study)
    table = results_table(measured)
    assert [column.key for column in table.columns][:5] == ["variant", "seeds", "judged_on", "loss", "knn_score"]
    assert [(str(row["judged_on"]), row["loss"]) for row in table.rows] == [
        ("held-out images", "cross-entropy"), ("None", "cross-entropy"), ("test images", "triplet"),
    ]  # fmt: skip
    assert next(column for column in table.columns if column.key == "knn_score").best is None
    assert [str(row["status"]) for row in unfinished_table(measured).rows] == ["stopped by the search"]


def test_the_learning_curves_are_a_table_too(measured: Measured) -> None:
    rows = learning_table(measured).rows
    assert len(rows) == 12 * 12 + 3
    assert (rows[0]["epoch"], rows[0]["training_loss"]) == (1, measured.study.variants[0].cells[0].history[0].training_loss)
