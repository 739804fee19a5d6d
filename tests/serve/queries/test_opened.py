"""Tests of what is known of a served collection."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.models.text import text_path
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries


def test_it_has_columns_facets_and_thumbnails(opened: OpenedFile) -> None:
    assert len(opened.columns.read()[1]) == 36
    assert {facet.name for facet in opened.facets.of()} >= {"label", "width"}
    assert not opened.words


def test_it_is_one_for_all_requests(queries: Queries, opened: OpenedFile) -> None:
    assert queries.opened_file("shapes") is opened


def test_words_are_known_where_there_is_a_text_tower(
    opened: OpenedFile, decoders: Decoders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = tmp_path / "model.onnx"
    text_path(model).write_bytes(b"")
    monkeypatch.setattr(type(opened.collection.store.models), "file", lambda _: model)
    monkeypatch.setattr("podoba.serve.queries.opened.find_spec", lambda _: object())
    assert OpenedFile("shapes", opened.collection, decoders).words
    monkeypatch.setattr("podoba.serve.queries.opened.find_spec", lambda _: None)
    assert not OpenedFile("shapes", opened.collection, decoders).words


def test_an_empty_collection_knows_no_words(decoders: Decoders, tmp_path: Path) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        assert not OpenedFile("empty", empty, decoders).words
