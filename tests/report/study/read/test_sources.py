"""Where the pictures of a study come from, and what happens when they are lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podoba.report.study.read.shown import Shown
from podoba.report.study.read.sources import Sources


def test_sources_that_are_there(shown: list[Shown]) -> None:
    sources = Sources(shown)
    assert sources.missing == {}
    assert sources.queries is not None
    assert len(sources.queries) == 359
    assert {record.split for record in sources.queries} == {"test"}
    assert list(sources.galleries) == [0]
    assert sources.training(shown[0].cell) is sources.galleries[0]


def with_settings(shown: list[Shown], **settings: Any) -> list[Shown]:
    return [replace(one, cell=replace(one.cell, settings=one.cell.settings | settings)) for one in shown]


@pytest.mark.parametrize(
    ("source", "reason"),
    [("nowhere/photos", "no such file"), ("cifar10", "no longer in the cache"), (["digits", "no.zip"], "no such file")],
)
def test_a_lost_source_is_named_and_nothing_is_fetched(
    shown: list[Shown], source: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podoba.images.sources.catalogue.download", lambda *a, **k: pytest.fail("it would be fetched"))
    sources = Sources(with_settings(shown, train=source))
    assert sources.queries is not None
    assert sources.galleries == {}
    assert [reason in text for text in sources.missing.values()] == [True]


def test_a_source_whose_images_have_changed_is_not_shown(shown: list[Shown]) -> None:
    first = shown[0]
    other = replace(first.results, query_labels=(first.results.query_labels + 1) % 10)
    sources = Sources([replace(first, results=other)])
    assert sources.queries is None
    assert "other images" in sources.missing["digits"]
    shorter = replace(first.results, query_rows=first.results.query_rows + 10_000)
    assert Sources([replace(first, results=shorter)]).queries is None


def test_held_out_images_are_those_of_the_training_source(shown: list[Shown]) -> None:
    first = shown[0]
    train = first.results
    held = replace(train, query_rows=train.gallery_rows[:50], query_labels=train.gallery_labels[:50])
    sources = Sources(with_settings([replace(first, results=held)], test=None))
    assert sources.queries is not None
    assert sources.queries.records[0].split == "train"
