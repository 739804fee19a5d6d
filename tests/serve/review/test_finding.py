"""The job that finds duplicates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podoba.errors import CollectionError
from podoba.serve.jobs.kinds import KINDS as JOBS
from podoba.serve.jobs.report import Report
from podoba.serve.review.found import load, stamp_of
from podoba.serve.review.reasons import facts_of

from .conftest import Pictures


def test_groups_of_every_kind_are_kept_with_reasons_that_a_page_can_say(pictures: Pictures) -> None:
    found = load(pictures.collection.index.cache.folder)
    assert found is not None
    assert [group.kind for group in found.groups] == [
        "identical", "identical", "same picture", "same picture", "flipped or rotated", "cropped or edited"
    ]  # fmt: skip
    assert all(group.items[0].kept and not any(item.kept for item in group.items[1:]) for group in found.groups)
    facts = [fact for group in found.groups for item in group.items for fact in facts_of(item.reason)]
    assert "said" not in {fact["code"] for fact in facts}


def test_progress_and_pictures_that_cannot_be_read_are_reported(pictures: Pictures) -> None:
    (pictures.folder / "album" / "7.png").unlink()
    said: list[dict[str, Any]] = []
    arguments = {"kinds": ["identical", "same picture"], "where": "format == 'PNG'"}
    result = JOBS["duplicates"].load()(pictures.path, arguments, Report(said.append))
    assert result["groups"] == 2
    assert [one for one in said if one.get("progress")]
    found = load(pictures.collection.index.cache.folder)
    assert found is not None
    assert (found.kinds, found.where) == (arguments["kinds"], arguments["where"])


def test_a_wrong_filter_leaves_what_was_found(pictures: Pictures) -> None:
    folder = pictures.collection.index.cache.folder
    before = stamp_of(folder)
    with pytest.raises(CollectionError):
        JOBS["duplicates"].load()(pictures.path, {"where": "nonsense =="}, Report(lambda said: None))
    assert stamp_of(folder) == before


def test_what_is_damaged_is_as_if_nothing_had_been_found(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    for text in ("{", "[]", '{"version": 0}', '{"version": 1, "groups": [{}]}', '{"version": 1}'):
        (tmp_path / "duplicates.json").write_text(text)
        assert load(tmp_path) is None
