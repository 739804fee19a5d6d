"""Tables: sorted, downloaded, explained."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from podoba.report.study.texts import catalogue

OpenPage = Callable[..., Any]
ReadColumn = Callable[[Any, str, int], list[str]]


def test_a_heading_sorts_by_click_and_by_key(visit: OpenPage, column: ReadColumn) -> None:
    page = visit()
    heading = page.locator('[data-table="results"] button[data-column="knn_score"]')
    before = column(page, "results", 3)
    heading.click()
    falling = [float(text.split()[0]) for text in column(page, "results", 3)]
    assert falling == sorted(falling, reverse=True)
    assert page.locator('[data-table="results"] th[aria-sort="descending"]').count() == 1
    heading.press("Enter")
    rising = [float(text.split()[0]) for text in column(page, "results", 3)]
    assert rising == sorted(rising)
    assert sorted(before) == sorted(column(page, "results", 3))
    page.locator('[data-table="results"] button[data-column="variant"]').click()
    names = column(page, "results", 1)
    page.locator('[data-table="results"] button[data-column="variant"]').click()
    assert column(page, "results", 1) == names[::-1]
    assert [name.partition(",")[0] for name in names] == sorted(name.partition(",")[0] for name in names)


def test_every_table_is_downloaded_as_csv(visit: OpenPage, report: Path, tmp_path: Path) -> None:
    page = visit(accept_downloads=True)
    names = [one.get_attribute("data-table") for one in page.locator("figure.table").all()]
    assert set(names) >= {"results", "unfinished", "overfitting", "separation", "axes", "paper-form-triplet"}
    for name in names:
        with page.expect_download() as waiting:
            page.locator(f'[data-table="{name}"] .csv').click()
        assert waiting.value.suggested_filename == f"{name}.csv"
        waiting.value.save_as(tmp_path / f"{name}.csv")
    with (
        (tmp_path / "results.csv").open(encoding="utf-8") as file,
        (report.parent / "tables" / "results.csv").open(encoding="utf-8") as own,
    ):
        page_rows, file_rows = list(csv.DictReader(file)), list(csv.DictReader(own))
    assert list(page_rows[0]) == list(file_rows[0])
    for mine, theirs in zip(page_rows, file_rows, strict=True):
        assert mine["variant"] == theirs["variant"]
        assert float(mine["knn_score"]) == float(theirs["knn_score"])


def test_unfinished_trainings_are_shown_as_such(visit: OpenPage, column: ReadColumn) -> None:
    page = visit()
    assert "Failed: 1. Not run yet: 1." in page.locator("#state").inner_text()
    assert column(page, "unfinished", 4) == ["the loss is no longer a number", ""]


def test_columns_are_explained_without_a_pointer(visit: OpenPage) -> None:
    page = visit()
    meanings = page.locator('[data-table="results"] .meanings')
    meanings.locator("summary").press("Enter")
    assert catalogue("en")["quantity.map@r"] in meanings.inner_text()


def test_names_of_rows_stay_in_sight_when_a_table_is_moved_sideways(visit: OpenPage) -> None:
    page = visit(viewport={"width": 390, "height": 900})
    page.locator('[data-table="results"] .scroll').evaluate("box => { box.scrollLeft = 600; }")
    name = page.locator('[data-table="results"] tbody th').first
    assert name.bounding_box()["x"] < 60
