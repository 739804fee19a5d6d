"""Tests of results as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from podoba.serve.queries.exporting import Format, export
from podoba.serve.queries.opened import OpenedFile

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_places_are_only_in_it_where_they_may_be_shown(opened: OpenedFile, shapes: Path, kind: Format) -> None:
    query = opened.collection.items()[0]
    result = opened.collection.search(f"id:{query.id}", k=5, with_itself=True)
    hidden, told = (export(opened, result, kind, show_paths=show) for show in (False, True))
    assert hidden.name == f"shapes-results.{kind}"
    assert str(shapes) not in hidden.data.decode()
    assert str(shapes) in told.data.decode()
    names = [Path(hit.uri).name for hit in result.hits]
    text = hidden.data.decode()
    if kind == "csv":
        assert [row["uri"] for row in csv.DictReader(io.StringIO(text))] == names
    elif kind == "json":
        assert [hit["uri"] for hit in json.loads(text)["hits"]] == names
    else:
        assert text.count("data:image/jpeg;base64,") == 5
        assert all(name in text for name in names)
        assert "itself" in text


def test_a_page_of_nothing_says_so(opened: OpenedFile) -> None:
    query = opened.collection.items()[0]
    result = opened.collection.search(f"id:{query.id}", where="label == 'horse'")
    assert "nothing similar was found" in export(opened, result, "html", show_paths=False).data.decode()
