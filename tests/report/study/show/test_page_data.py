from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from podoba.report.study.find.axes import compare_along_axes
from podoba.report.study.find.claim_tests import examine_claims
from podoba.report.study.paper import CLAIMS, tables_in_its_form
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.page_data import Contents, page_data, tables


@pytest.fixture(scope="module")
def contents(measured: Measured, shown: list[Shown]) -> Contents:
    points = [np.zeros((len(variant.rows), 2), np.int64) for variant in shown]
    pairs = [
        {"query": int(shown[0].results.query_rows[0]), "gallery": int(shown[0].results.gallery_rows[0]), "correlation": 0.95,
         "same_class": True, "by_pixels": True, "by_descriptor": False}
    ]  # fmt: skip
    claims = examine_claims(measured, list(CLAIMS.values()))
    return Contents(measured, shown, points, pairs, claims, compare_along_axes(measured), tables_in_its_form(measured))


def test_the_page_gets_plain_values_and_the_pictures_it_shows(contents: Contents) -> None:
    data: dict[str, Any] = json.loads(json.dumps(page_data(contents, Sources(contents.shown)), allow_nan=False))
    first = contents.shown[0].results
    assert data["images"] == {
        "training": "digits", "gallery": len(first.gallery_rows), "test": "digits", "queries": len(first.query_rows),
        "classes": 10,
    }  # fmt: skip
    assert [variant["loss"] for variant in data["variants"]] == ["cross-entropy"] * 3 + ["triplet"] * 3 + ["cross-entropy"]
    assert {cell["status"] for variant in data["variants"] for cell in variant["cells"]} == {"done", "failed", "pending"}
    assert set(data["tables"]) == set(tables(contents))
    shown = {f"q-{query['query']}" for query in data["sheets"]["random"]} | {f"q-{row}" for row in data["maps"]["rows"]}
    (pair,) = data["caveats"]["overlap"]["pairs"]
    shown |= {f"q-{pair['query']}", f"g0-{pair['gallery']}"}
    assert shown <= set(data["pictures"])
    assert not data["pictures_full"]


def test_a_study_without_results_is_a_page_that_says_so(contents: Contents, measured: Measured) -> None:
    empty = replace(contents, measured=replace(measured, values={}, result_counts={}), shown=[], points=[], pairs=None)
    data = page_data(empty, Sources([]))
    assert (data["images"], data["maps"]["maps"], data["pictures"]) == (None, [], {})
    assert data["caveats"]["overlap"] == {"known": False}
