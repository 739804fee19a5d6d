"""What all sources have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import UnreadableImage
from podoba.images.record import ImageRecord, Skipped
from podoba.images.sources.base import MAX_BYTES, ImageSource, file_stamp, located, read_file, record_id


def test_ids_are_stable_and_take_any_name() -> None:
    assert record_id("/a.png") == record_id("/a.png") != record_id("/b.png")
    assert len(record_id("/latin-\udce9.png")) == 16


def test_a_path_has_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert located("../b.png") == located(tmp_path / "b.png") == tmp_path / "b.png"
    assert located("~/b.png") == Path.home() / "b.png"


def test_a_source_is_a_sequence_of_records(tmp_path: Path) -> None:
    records = [ImageRecord(record_id(name), name, label, bytes) for name, label in (("x", "b"), ("y", None), ("z", "a"))]
    source = ImageSource("/photos/pets", records, "stamp", [Skipped("w", "odd")])
    assert (len(source), list(source), source.name) == (3, records, "pets")
    assert (source.labels, source.classes) == (["b", None, "a"], ["a", "b"])
    part = source.subset([2, 0])
    assert (list(part), part.root, part.problems) == ([records[2], records[0]], "/photos/pets", source.problems)
    assert len({source.fingerprint(), part.fingerprint(), source.subset([0, 2]).fingerprint()}) == 3
    assert source.fingerprint() == ImageSource("/elsewhere", [], "stamp").fingerprint()


def test_files_are_read_or_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_file(tmp_path / "a") == b"abc"
    before = file_stamp(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"abcd")
    assert file_stamp(tmp_path / "a") != before
    with pytest.raises(UnreadableImage, match="No such file"):
        read_file(tmp_path / "b")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableImage, match=f"{MAX_BYTES + 1} bytes, more than {MAX_BYTES} are refused"):
        read_file(tmp_path / "huge")
