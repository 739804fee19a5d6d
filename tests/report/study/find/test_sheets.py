from __future__ import annotations

import numpy as np

from podoba.report.study.find.sheets import SheetSettings, most_changed, right_results, sheet_pictures, sheets
from podoba.report.study.read.shown import Shown


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


def test_of_many_variants_fewer_queries_and_results_are_shown(shown: list[Shown]) -> None:
    data = sheets(shown, settings=SheetSettings(few_variants=2, queries_of_many=3, depth_of_many=4))
    assert [len(data[kind]) for kind in ("random", "hardest", "changed")] == [3, 3, 3]
    assert {len(results["rows"]) for query in data["random"] for results in query["found"]} == {4}


def test_without_results_there_are_no_sheets() -> None:
    assert sheets([]) == {"random": [], "hardest": [], "changed": [], "variants": []}
