from __future__ import annotations

from dataclasses import replace

from podoba.report.study.find.caveats import (
    class_overlap,
    notes,
    overlap_summary,
    selection_words,
    validation_words,
    without_overlap_table,
)
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.overlap import scores_without
from podoba.report.study.read.shown import Shown


def test_class_overlap(shown: list[Shown]) -> None:
    labels = shown[0].results.query_labels.copy()
    labels[labels == 3] = -1
    word = class_overlap([replace(shown[0], results=replace(shown[0].results, query_labels=labels))])
    assert word is not None
    assert (word.values["queries"], word.values["gallery"], word.values["both"]) == (9, 10, 9)
    assert (word.values["only_queries"], word.values["only_gallery"]) == ("0", "3")


def test_choices_and_validation_are_said_in_words(measured: Measured, shown: list[Shown]) -> None:
    assert [word.key for word in validation_words(measured)] == ["caveats.validation.share"]
    keys = [word.key for word in selection_words(measured, shown)]
    assert keys == ["caveats.epoch.validation_precision", "caveats.evaluated_on.test", "caveats.many"]
    assert notes(measured) == ["a note of the run"]


def pair(query: int, same_class: bool = True) -> dict[str, object]:
    return {
        "query": query,
        "gallery": 0,
        "correlation": 0.95,
        "same_class": same_class,
        "by_pixels": True,
        "by_descriptor": False,
    }


def test_overlap_is_counted_and_many_look_alikes_are_no_copies(shown: list[Shown]) -> None:
    rows = [int(row) for row in shown[0].results.query_rows]
    some = overlap_summary([pair(rows[0]), pair(rows[1], same_class=False)], shown)
    assert (some["images"], some["overlapping"], some["share"]) == (len(rows), 2, 2 / len(rows))
    assert (some["by_pixels"], some["by_descriptor"], some["other_class"], some["too_alike"]) == (2, 0, 1, False)
    assert overlap_summary([pair(row) for row in rows], shown)["too_alike"]
    assert overlap_summary(None, shown) == overlap_summary([], []) == {"known": False}


def test_the_table_without_overlap_has_the_score_of_each_variant_twice(measured: Measured, shown: list[Shown]) -> None:
    pairs = [pair(int(row)) for row in shown[0].results.query_rows[:30]]
    table = without_overlap_table(measured, shown, pairs)
    scores = [scores_without(variant, pairs) for variant in shown]
    assert [(row["knn_all"], row["knn_without"]) for row in table.rows] == scores
    assert without_overlap_table(measured, shown, None).rows == []


def test_without_results_there_is_no_overlap_of_classes() -> None:
    assert class_overlap([]) is None
