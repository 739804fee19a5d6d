"""What the page shows, against slow loops and by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.report.study.find.caveats import class_overlap, looked_at_words, notes, validation_words
from podoba.report.study.find.confusions import confusion_matrix, confusions, entry_pictures
from podoba.report.study.find.maps import map_points, maps
from podoba.report.study.find.results import (
    learning_table,
    overfitting_table,
    paper_tables,
    results_table,
    separation_table,
    unfinished_table,
)
from podoba.report.study.find.sheets import most_changed, right_results, sheet_pictures, sheets
from podoba.report.study.read.measured import Measured, Shown, finished, measure, same_queries
from podoba.report.study.read.quantities import CIFAR10
from podoba.report.study.show.curves import curves
from podoba.report.study.show.repeat import repetition
from podoba.report.study.table import to_markdown
from podoba.study.folder import Cell, Study
from podoba.study.plan import Range, Search


@pytest.fixture(scope="module")
def study(make_study: Callable[..., Study], tmp_path_factory: pytest.TempPathFactory) -> Study:
    return make_study(tmp_path_factory.mktemp("study"), seeds=(0, 1), failed=[(2, 1)], pending=[(6, 0)])


@pytest.fixture(scope="module")
def measured(study: Study) -> Measured:
    return measure(study)


@pytest.fixture(scope="module")
def shown(study: Study) -> list[Shown]:
    return same_queries(study)


def test_every_finished_cell_is_measured(study: Study, measured: Measured) -> None:
    assert set(measured.values) == set(measured.result_counts) == {cell.key for cell in finished(study)}
    assert len(finished(study)) == 12
    made = measured.over_seeds(study.variants[0], "knn_score")
    scores = [cell.evaluation["knn_score"] for cell in study.variants[0].cells]
    assert made is not None
    assert (made.mean, made.n) == (pytest.approx(np.mean(scores)), 2)
    alone = measured.over_seeds(study.variants[2], "knn_score")
    assert alone is not None
    assert (alone.n, alone.low) == (1, None)


def test_the_first_finished_seed_stands_for_a_variant(shown: list[Shown]) -> None:
    assert [(one.place, one.cell.seed) for one in shown] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 1)]


def test_a_variant_with_other_test_images_is_not_put_beside(make_study: Callable[..., Study], tmp_path: Path) -> None:
    made = make_study(tmp_path, seeds=(0,))
    path = made.variants[1].cells[0].folder / "retrieval.npz"
    with np.load(path) as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    changed["query_rows"] = changed["query_rows"] + 1
    np.savez(path, **changed)
    assert [one.place for one in same_queries(made)] == [0, 2, 3, 4, 5, 6]


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
    assert [column.key for column in separation_table(measured).columns][2:] == [
        "within", "between", "ratio", "silhouette", "alignment", "uniformity",
    ]  # fmt: skip
    assert len(overfitting_table(measured).rows) == 7
    assert [(row["seed"], str(row["status"]), row["reason"]) for row in unfinished_table(measured).rows] == [
        (1, "failed", "the loss is no longer a number"), (0, "not run yet", ""),
    ]  # fmt: skip


def test_the_papers_form_is_a_table_a_loss(measured: Measured) -> None:
    tables = paper_tables(measured)
    assert [(table.name, len(table.columns)) for table in tables] == [("paper-form-cross-entropy", 5), ("paper-form-triplet", 4)]
    assert [len(table.rows) for table in tables] == [6, 6]


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


def test_curves_of_all_cells_also_of_those_not_finished(measured: Measured) -> None:
    lines = curves(measured)
    assert len(lines) == 13  # fourteen cells, of which the failed one has no epoch
    pending = next(line for line in lines if not line["done"])
    assert (len(pending["epochs"]), pending["gap_best"]) == (3, None)
    first = lines[0]
    assert first["best"] == first["epochs"][int(np.argmin(first["validation"]))]
    place = first["epochs"].index(first["best"])
    assert first["gap_best"] == pytest.approx(first["validation"][place] - first["training"][place], abs=1e-3)


def test_confusion_matrix_is_that_of_all_seeds(study: Study, measured: Measured) -> None:
    counts = np.zeros((10, 10))
    for cell in study.variants[0].cells:
        judged = cell.retrieval_results()
        assert judged is not None
        for query, found in zip(judged.query_labels, judged.indices, strict=True):
            for row in found:
                counts[query, judged.gallery_labels[row]] += 1
    matrix = confusion_matrix(measured, 0)
    assert matrix == pytest.approx(counts / counts.sum(axis=1, keepdims=True))


def test_entries_list_the_queries_that_are_most_wrong(measured: Measured, shown: list[Shown]) -> None:
    data = confusions(measured, shown)
    assert data["entries"]
    for key, entry in data["entries"].items():
        row, column = map(int, key.split(","))
        assert row != column
        for item in entry:
            for i, one in enumerate(shown):
                query = int(np.flatnonzero(one.results.query_rows == item["query"])[0])
                assert one.results.query_labels[query] == row
                wrong = [int(j) for j in one.results.indices[query] if one.results.gallery_labels[j] == column]
                assert item["counts"][i] == len(wrong)
                assert item["found"][i] == one.results.gallery_rows[wrong][:5].tolist()
    pictures = list(entry_pictures(data, shown))
    assert {prefix for prefix, _ in pictures} == {"q-", "g0-"}


def test_of_many_classes_the_most_confused_are_shown(
    measured: Measured, shown: list[Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podoba.report.study.find.confusions.MOST_CLASSES", 4)
    data = confusions(measured, shown)
    assert (len(data["classes"]), data["all_classes"], len(data["matrices"][0]["shares"])) == (4, 10, 16)
    assert all(max(map(int, key.split(","))) < 4 for key in data["entries"])


def test_sheets_show_the_same_queries_under_every_variant(shown: list[Shown]) -> None:
    data = sheets(shown)
    assert [len(data[kind]) for kind in ("random", "hardest", "changed")] == [8, 8, 8]
    right = np.stack([right_results(one, 10) for one in shown]).sum(axis=0)
    rows = {int(row): i for i, row in enumerate(shown[0].results.query_rows)}
    hardest = [right[rows[query["query"]]] for query in data["hardest"]]
    assert hardest == sorted(right)[:8]
    for query in data["random"]:
        place = rows[query["query"]]
        for one, found in zip(shown, query["found"], strict=True):
            assert found["rows"] == one.results.gallery_rows[one.results.indices[place]].tolist()
            assert found["labels"] == one.results.gallery_labels[one.results.indices[place]].tolist()
    assert len(list(sheet_pictures(data))) == 24 * (1 + 7 * 10)
    assert sheets(shown) == data


def test_most_changed_are_those_that_differ_most(shown: list[Shown]) -> None:
    right = np.stack([right_results(one, 10) for one in shown])
    order = most_changed(shown, right, np.arange(right.shape[1]), 10)

    def key(row: int) -> tuple[int, int]:
        common = set.intersection(*({int(i) for i in one.results.indices[row]} for one in shown))
        return (-int(right[:, row].max() - right[:, row].min()), len(common))

    slow = sorted((row for row in range(right.shape[1]) if key(row)[0] < 0), key=lambda row: (*key(row), row))
    assert [key(int(row)) for row in order] == [key(row) for row in slow]
    assert len(most_changed(shown[:1], right[:1], np.arange(3), 10)) == 0


def test_maps_are_computed_once(shown: list[Shown], measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def points(descriptors: np.ndarray) -> np.ndarray:
        calls.append(len(descriptors))
        return descriptors[:, :2].astype(np.float32)

    monkeypatch.setattr("podoba.report.study.find.maps.umap_points", points)
    made = map_points(shown[:2], tmp_path)
    again = map_points(shown[:2], tmp_path)
    assert calls == [120, 120]
    assert all(np.array_equal(a, b) for a, b in zip(made, again, strict=True))
    assert made[0].min() == 0
    assert made[0].max() == 1000
    data = maps(measured, shown[:2], made)
    assert len(data["rows"]) == len(data["labels"]) == 120
    assert [len(one["points"]) for one in data["maps"]] == [240, 240]


def test_nothing_judged_leaves_empty_parts(measured: Measured) -> None:
    assert maps(measured, [], [])["maps"] == []
    assert confusions(measured, [])["matrices"] == []
    assert sheets([])["variants"] == []
    assert class_overlap([]) is None


def test_class_overlap(shown: list[Shown]) -> None:
    labels = shown[0].results.query_labels.copy()
    labels[labels == 3] = -1
    word = class_overlap([replace(shown[0], results=replace(shown[0].results, query_labels=labels))])
    assert word is not None
    assert (word.values["queries"], word.values["gallery"], word.values["both"]) == (9, 10, 9)
    assert (word.values["only_queries"], word.values["only_gallery"]) == ("0", "3")


def test_words_of_honesty(measured: Measured, shown: list[Shown]) -> None:
    assert [word.key for word in validation_words(measured)] == ["honesty.validation.share"]
    keys = [word.key for word in looked_at_words(measured, shown)]
    assert keys == ["honesty.epoch.validation_loss", "honesty.results.test", "honesty.many"]
    assert notes(measured) == ["a note of the run"]


def test_how_to_repeat(measured: Measured) -> None:
    data = repetition(measured)
    assert data["plan"] == "title: Digits\n"
    assert data["seeds"] == [0, 1]
    assert data["packages"]["torch"] == "2.14"


def of_the_paper(measured: Measured, queries: int, **head: Any) -> Measured:
    """The study as if it were judged on so many CIFAR-10 images."""

    def changed(cell: Cell) -> Cell:
        settings = cell.settings | {"head": cell.settings["head"] | head}
        return replace(cell, evaluation={**cell.evaluation, "queries": queries}, settings=settings)

    variants = [replace(v, cells=[changed(cell) for cell in v.cells]) for v in measured.study.variants]
    results = {key: replace(found, classes=list(CIFAR10)) for key, found in measured.result_counts.items()}
    return replace(measured, study=replace(measured.study, variants=variants), results=results)


def test_the_papers_numbers_stand_beside_ours_on_the_papers_images(measured: Measured) -> None:
    tables = paper_tables(of_the_paper(measured, 10_000))
    assert [[column.title for column in table.columns if column.key.startswith("paper")] for table in tables] == [
        [f"{loss}, {name}, linear + L2 (2020)" for name in ("none", "shift-zoom-rotate", "shift-zoom-rotate-flip")]
        for loss in ("cross-entropy", "triplet")
    ]
    scores = [row["paper_2"] for row in tables[1].rows]
    assert scores == [0.6672, 0.7352, 48, 0.7286, 49, 24]
    assert "0.6672" in to_markdown(tables[1])
    assert "| 48.0 |" in to_markdown(tables[1])


def test_other_images_or_another_network_are_not_the_papers(measured: Measured) -> None:
    for other in (of_the_paper(measured, 500), of_the_paper(measured, 10_000, activation="relu"), measured):
        assert not [c for table in paper_tables(other) for c in table.columns if c.key.startswith("paper")]


def test_where_there_are_too_many_variants_the_papers_ones_are_kept(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podoba.report.study.find.results.WIDEST", 3)
    tables = paper_tables(of_the_paper(measured, 10_000))
    assert [len(table.columns) for table in tables] == [7, 7]
    assert [table.name for table in paper_tables(measured)] == ["paper-form-triplet"]
