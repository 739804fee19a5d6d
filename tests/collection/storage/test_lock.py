"""One writer at a time, readers beside it, whatever happens to the writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.lock import only_writer
from podoba.errors import CollectionError

HOLD = """
import sys
from podoba.collection.collection import Collection
with Collection.open(sys.argv[1]) as collection, collection.writing(), collection.store.transaction():
    collection.remove(where="label == 'cat'")
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def writer(filled: Collection) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(filled.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_and_told_who_writes(filled: Collection, writer: subprocess.Popen[str]) -> None:
    with pytest.raises(CollectionError, match=rf"another process \({writer.pid}\) is writing to it: wait"):
        filled.remove(where="label == 'dog'")
    with Collection.open(filled.path) as opened:  # opening is no writing
        assert len(opened) == 60


def test_readers_see_what_stood_before_until_the_writer_is_done(filled: Collection, writer: subprocess.Popen[str]) -> None:
    with Collection.open(filled.path, read_only=True) as reader:
        assert len(reader) == len(reader.vectors().matrix) == 60
        writer.communicate("")
        assert len(reader) == len(reader.vectors().matrix) == 45


def test_a_killed_writer_leaves_nothing_behind_that_matters(filled: Collection, writer: subprocess.Popen[str]) -> None:
    filled.close()
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    with Collection.open(filled.path) as collection:
        assert len(collection) == 60
        assert collection.remove(where="label == 'dog'") == 15
        assert collection.check() == [line for line in collection.check() if "image is gone" in line]
    assert sorted(p.suffix for p in filled.path.parent.glob("filled*")) == [".podoba"]


def test_the_lock_is_taken_within_itself_once_and_its_file_goes(filled: Collection) -> None:
    lock = Path(f"{filled.path}.lock")
    with filled.writing():
        assert lock.read_text() == str(os.getpid())
        with filled.writing(), filled.store.transaction():
            assert filled.remove(where="label == 'cat'") == 15
        assert lock.exists()
        with pytest.raises(CollectionError, match="is writing"), only_writer(filled.path):
            pass
    assert not lock.exists()
    with only_writer(filled.path):  # after an error too
        assert lock.exists()


def test_a_lock_file_without_a_process_stops_nobody(filled: Collection) -> None:
    Path(f"{filled.path}.lock").write_text("12345")
    assert filled.remove(where="label == 'cat'") == 15


def test_a_place_where_no_lock_can_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="check the folder"), only_writer(tmp_path / "none" / "x.podoba"):
        pass
    assert list(tmp_path.iterdir()) == []
