"""Which shards are of the last listing."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import CollectionError
from podoba.scale.encoding.current import LISTING, current_shards, note_listing
from podoba.scale.encoding.outputs import OutputFolder


def test_a_later_listing_takes_the_place_of_an_earlier_one_of_the_same_sources(tmp_path: Path) -> None:
    folder = OutputFolder(str(tmp_path))
    assert current_shards(folder, ["a.parquet"]) is None
    note_listing(str(tmp_path), ["/photos"], "model", ["one", "two"])
    note_listing(str(tmp_path), ["/photos"], "model", ["two", "three"])
    note_listing(str(tmp_path), ["/other"], "model", ["four"])
    note_listing(str(tmp_path), ["/photos"], "other model", ["five"])
    assert current_shards(folder, folder.names()) == {"two", "three", "four", "five"}


def test_a_damaged_listing_is_said(tmp_path: Path) -> None:
    (tmp_path / f"x{LISTING}").write_text("[]")
    with pytest.raises(CollectionError, match="remove it"):
        current_shards(OutputFolder(str(tmp_path)), [f"x{LISTING}"])
