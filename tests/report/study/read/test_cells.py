from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podoba.report.study.read.cells import finished, first_finished, loss_name, query_source, source_name, state
from podoba.study.folder import Study, Variant


def test_how_far_cells_have_come(study: Study) -> None:
    assert len(finished(study)) == 12
    third, last = study.variants[2], study.variants[6]
    assert [state(cell) for cell in third.cells] == ["done", "failed"]
    assert [state(cell) for cell in last.cells] == ["pending", "done"]
    assert first_finished(last) is last.cells[1]
    assert first_finished(replace(last, cells=last.cells[:1])) is None
    assert state(replace(third.cells[1], reason="stopped by the search: worse than the median")) == "stopped"


def test_the_loss_of_a_variant(study: Study) -> None:
    assert [loss_name(variant) for variant in study.variants] == ["cross-entropy"] * 3 + ["triplet"] * 3 + ["cross-entropy"]
    assert loss_name(Variant("empty", {}, [])) == ""


@pytest.mark.parametrize(
    ("settings", "source", "name"),
    [
        ({"train": "a", "test": "b"}, ("b", "test"), "b"),
        ({"train": "a", "test": ["b", "c"], "validation": "v"}, (["b", "c"], "test"), "b + c"),
        ({"train": "a", "test": None, "validation": "v"}, ("v", "validation"), "v"),
        ({"train": "a", "validation": 0.1}, ("a", "train"), "a"),
    ],
)
def test_where_the_queries_of_a_cell_come_from(study: Study, settings: dict[str, Any], source: Any, name: str) -> None:
    cell = replace(study.variants[0].cells[0], settings=settings)
    assert query_source(cell) == source
    assert source_name(query_source(cell)[0]) == name
