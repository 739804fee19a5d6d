from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from podoba.report.study.find.confusions import ConfusionSettings, confusion_matrix, confusions, entry_pictures
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.study.folder import Study


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
    assert {gallery for gallery, _ in pictures} == {None, 0}


def test_of_many_classes_the_most_confused_are_shown(measured: Measured, shown: list[Shown]) -> None:
    data = confusions(measured, shown, ConfusionSettings(most_classes=4))
    assert (len(data["classes"]), data["all_classes"], len(data["matrices"][0]["shares"])) == (4, 10, 16)
    assert all(max(map(int, key.split(","))) < 4 for key in data["entries"])


def test_fewer_entries_and_queries_are_listed_where_the_settings_say_so(measured: Measured, shown: list[Shown]) -> None:
    data = confusions(measured, shown, ConfusionSettings(entries=2, queries=1, queries_of_each=0, neighbours=1))
    assert [len(entry) for entry in data["entries"].values()] == [1, 1]
    assert max(len(rows) for entry in data["entries"].values() for item in entry for rows in item["found"]) == 1


def test_without_results_there_is_no_matrix(measured: Measured) -> None:
    assert confusions(measured, [])["matrices"] == []
    assert confusion_matrix(replace(measured, result_counts={}), 0) is None
