"""kill -9 while indexing: every finished batch stands, the file is sound, and the next run ends as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

IMAGES = 60
BATCH = 4
INDEX = """
import sys, time
from pathlib import Path
from podoba.collection.collection import Collection, index_sources
from podoba.collection.storage.store import Store
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

real = Store.put

def put(self, items, descriptors):
    real(self, items, descriptors)
    print("put", flush=True)
    time.sleep(0.01)  # so that the signal can also fall into an open transaction

Store.put = put
path, folder, model = sys.argv[1:]
with Collection.open(path, create=True) as collection:
    index_sources(
        collection, [open_source(folder)], Encoder(Path(model), 1), batch_size=4, workers=1,
        on_progress=lambda _, done, total: print("done", done, flush=True),
    )
"""


@pytest.fixture
def photos(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    for i in range(IMAGES):
        picture(tmp_path / "photos" / f"{i:03}.png", i)
    return tmp_path / "photos"


def said(line: str, before: int) -> int:
    """Images done by the last whole line."""
    return int(line.split()[1]) if line.startswith("done") and line.endswith("\n") else before


def contents(collection: Collection) -> dict[str, bytes]:
    vectors = collection.vectors()
    return dict(zip([item.id for item in collection.items()], [row.tobytes() for row in vectors.matrix], strict=True))


@pytest.mark.parametrize(("word", "times", "delay"), [("put", 1, 0.0), ("done", 3, 0.0), ("put", 7, 0.012), ("done", 9, 0.004)])
def test_a_killed_run_loses_at_most_its_batch(
    tmp_path: Path, photos: Path, model: Path, encoder: Encoder, word: str, times: int, delay: float
) -> None:
    path = tmp_path / "killed.podoba"
    process = subprocess.Popen([sys.executable, "-c", INDEX, path, photos, model], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged, met = 0, 0
    for line in process.stdout:
        acknowledged = said(line, acknowledged)
        met += line.startswith(word)
        if met == times:
            break
    if delay:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay)
    process.send_signal(signal.SIGKILL)
    for line in process.stdout:  # what it managed to say until the signal reached it
        acknowledged = said(line, acknowledged)
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL

    with Collection.open(path, read_only=True) as reader:
        kept = len(reader)
        assert acknowledged <= kept < IMAGES
        assert kept % BATCH == 0
        assert reader.check() == []
    with Collection.open(path) as collection:
        report = index_sources(collection, [open_source(photos)], encoder, batch_size=BATCH)
        assert (report.unchanged, report.added, report.skipped) == (kept, IMAGES - kept, [])
        found = contents(collection)
    with Collection.open(tmp_path / "clean.podoba", create=True) as clean:
        index_sources(clean, [open_source(photos)], encoder, batch_size=BATCH)
        assert found == contents(clean)
    assert not list(tmp_path.glob("killed.podoba-*"))


def test_readers_answer_while_a_run_writes(tmp_path: Path, photos: Path, encoder: Encoder) -> None:
    path = tmp_path / "busy.podoba"
    sizes: list[int] = []
    with Collection.open(path, create=True) as collection, Collection.open(path, read_only=True) as reader:

        def read(_: str, done: int, total: int) -> None:
            vectors = reader.vectors()
            assert len(vectors.matrix) == len(reader)
            np.testing.assert_allclose(np.linalg.norm(vectors.matrix, axis=1), 1, atol=1e-5)
            sizes.append(len(vectors.matrix))

        index_sources(collection, [open_source(photos)], encoder, batch_size=20, on_progress=read)
    assert sizes == [0, 20, 40, 60]
