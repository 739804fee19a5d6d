"""Files of a folder are there whole or not at all."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from podoba.errors import CollectionError, SourceError
from podoba.scale.encoding.outputs import OutputFolder, ShardFacts, facts_in, output_name


def test_a_file_stands_only_when_it_is_whole(tmp_path: Path) -> None:
    for place in (str(tmp_path / "new" / "out"), f"memory://{uuid4().hex}/out"):
        folder = OutputFolder(place)
        with suppress(RuntimeError), folder.writing("a.txt") as draft:
            draft.write_text("half")
            raise RuntimeError
        assert not folder.holds("a.txt")
        for text in ("one", "two"):
            with folder.writing("a.txt") as draft:
                draft.write_text(text)
                assert folder.holds("a.txt") == (text == "two")
        assert list(folder.names()) == ["a.txt"]
        with folder.reading("a.txt") as file:
            assert file.read() == b"two"


def test_two_writers_do_not_share_a_draft(tmp_path: Path) -> None:
    folder = OutputFolder(str(tmp_path))
    with folder.writing("a") as one, folder.writing("a") as other:
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "a").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_cannot_be_written_or_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for address, told in (("s3x://bucket/a", "s3x://bucket/a"), ("milvus://user:secret@host:1/a", "milvus://host:1/a")):
        with pytest.raises(CollectionError, match=f"^{told}: no such kind of address: name a folder, or one at s3://"):
            OutputFolder(address)
    with pytest.raises(CollectionError, match="file: cannot be written"), OutputFolder(str(tmp_path / "file")).writing("a"):
        pass
    with pytest.raises(CollectionError, match="gone: cannot be read"):
        OutputFolder(str(tmp_path / "gone")).names()
    with pytest.raises(SourceError, match="not there"):
        OutputFolder(f"memory://{uuid4().hex}").names()
    with pytest.raises(CollectionError, match="no file of a shard"):
        OutputFolder(str(tmp_path)).facts("file")


def test_a_name_is_of_the_model_and_the_shard() -> None:
    names = {output_name(fingerprint, key) for fingerprint in ("a", "b") for key in ("1", "2")}
    assert {len(name) for name in names} == {64}
    assert len(names) == 4


def test_what_is_no_file_of_a_shard_says_so() -> None:
    with pytest.raises(ValueError, match="Parquet"):
        facts_in(io.BytesIO(b"no table"))
    assert ShardFacts("k", "s", 1, 2).metadata() == {"podoba.shard": '{"key": "k", "source": "s", "images": 1, "skipped": 2}'}
