"""What may happen to a collection: kill -9, full disks, readers beside a writer, flipped bits, files cut short.

Few moments of each are tried here; `PODOBA_FULL=1` (`make durability`) tries as many as the project promises.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.index.settings import IndexSettings
from podoba.errors import CollectionError, PodobaError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

FULL = os.environ.get("PODOBA_FULL") == "1"
KILLS, CUTS, FLIPS, TRUNCATIONS, SECONDS, READERS = (100, 20, 200, 50, 120, 8) if FULL else (3, 3, 60, 15, 2, 2)
IMAGES = 120
WORK = """
import sys, time
from pathlib import Path
from podoba.collection.index.settings import IndexSettings
from podoba.collection.collection import Collection, index_sources
from podoba.errors import CollectionError, PodobaError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

settings = IndexSettings(exact_bytes=0, worth=0, added=5, sample=20, widths=(256,), candidates=(100,))
path, folder, model = sys.argv[1:]
encoder, source = Encoder(Path(model), 1), open_source(folder)
import faiss
print("ready", flush=True)
try:
    with Collection.open(path, create=True, index_settings=settings) as collection:
        say = lambda _, done, total: print("done", done, flush=True)
        index_sources(collection, [source], encoder, batch_size=4, workers=1, on_progress=say)
        why = collection.refresh_index(on_progress=lambda *_: print("build", flush=True))
        time.sleep(0.01)
        print("end", why, flush=True)
except PodobaError as error:
    print("error", error, flush=True)
"""


# Small is large, and a search so wide that what the index finds is what exact search finds.
SETTINGS = IndexSettings(exact_bytes=0, worth=0, sample=20, widths=(256,), candidates=(100,))


@pytest.fixture
def photos(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    for i in range(IMAGES):
        picture(tmp_path / "photos" / ("cats" if i % 3 else "dogs") / f"{i:03}.png", i)
    return tmp_path / "photos"


@pytest.fixture
def work(photos: Path, model: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a process that indexes the photos and builds their index, and says how far it is."""

    def start(path: Path, preexec_fn: Callable[[], object] | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORK, str(path), str(photos), str(model)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=preexec_fn)

    return start


def answers(collection: Collection) -> list[object]:
    """What a person would see of a collection: its items, and the hits of a few searches."""
    items = {item.id: (item.uri, item.label) for item in collection.items()}
    found: list[object] = [sorted(items.items())]
    queries = np.random.default_rng(5).standard_normal((3, 192)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    for where in (None, "label == 'dogs'", "label == 'cats' and width > 3"):
        near = collection.nearest(queries, 10, where)
        for numbers, similarities in zip(near.numbers, near.similarities, strict=True):
            hits = [tuple(name) for name in collection.store.items.names_of(numbers)]
            found.append([(*hit, round(float(value), 5)) for hit, value in zip(hits, similarities, strict=True)])
    return found


@pytest.fixture
def clean(tmp_path: Path, photos: Path, encoder: Encoder) -> list[object]:
    """The answers of a collection that nothing happened to."""
    with Collection.open(tmp_path / "clean.podoba", create=True, index_settings=SETTINGS) as collection:
        index_sources(collection, [open_source(photos)], encoder, batch_size=4)
        found = answers(collection)
        assert collection.nearest(collection.vectors().matrix[:1], 5).exact
        assert collection.refresh_index() is None
        assert not collection.nearest(collection.vectors().matrix[:1], 5).exact
        assert answers(collection) == found
    return found


def begun(path: Path) -> bool:
    """Whether there is more than an empty file."""
    try:
        Collection.open(path, read_only=True, index_settings=SETTINGS).close()
    except CollectionError as error:
        if "no such collection" in str(error) or "an empty file" in str(error):
            return False
        raise
    return True


def go_on(path: Path, photos: Path, encoder: Encoder, clean: list[object], acknowledged: int) -> None:
    """What stood is sound, and the next run makes of it what a clean run makes."""
    if acknowledged or begun(path):
        with Collection.open(path, read_only=True, index_settings=SETTINGS) as reader:
            assert acknowledged <= len(reader) <= IMAGES
            assert reader.check() == []
            if len(reader) == IMAGES:
                assert answers(reader) == clean
    with Collection.open(path, create=True, index_settings=SETTINGS) as collection:
        index_sources(collection, [open_source(photos)], encoder, batch_size=4)
        assert collection.refresh_index() is None
        assert answers(collection) == clean
        assert not collection.nearest(collection.vectors().matrix[:1], 5).exact
        assert collection.check() == []
    assert len(list(collection.index.cache.folder.iterdir())) == 3  # nothing half done is left


def test_kill_at_any_moment_of_indexing_and_building(
    tmp_path: Path, photos: Path, encoder: Encoder, clean: list[object], work: Callable[..., subprocess.Popen[str]]
) -> None:
    rng = np.random.default_rng(0)
    words = 0  # that a run to its end says: the moments are spread over them
    for trial in range(KILLS):
        path = tmp_path / f"killed{trial}.podoba"
        process = work(path)
        assert process.stdout is not None
        wanted = int(rng.integers(1, words)) if trial else None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if len(lines) == wanted:
                time.sleep(float(rng.uniform(0, 0.004)))  # into what comes after that word
                process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if wanted is None:
            words = len(lines)
            assert lines[-1] == "end None\n"
        else:
            assert process.returncode == -signal.SIGKILL
        done = [int(line.split()[1]) for line in lines if line.startswith("done") and line.endswith("\n")]
        go_on(path, photos, encoder, clean, max(done, default=0))
        shutil.rmtree(tmp_path / f"killed{trial}.podoba.cache")


def test_a_full_disk_at_any_size(
    tmp_path: Path, photos: Path, encoder: Encoder, clean: list[object], work: Callable[..., subprocess.Popen[str]]
) -> None:
    whole = (tmp_path / "clean.podoba").stat().st_size
    told = 0
    for trial, size in enumerate(np.linspace(0, 1.3 * whole, CUTS).astype(int)):
        path = tmp_path / f"full{trial}.podoba"
        limit = int(size)
        process = work(path, preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        out, _ = process.communicate()
        last = out.splitlines()[-1]
        assert process.returncode == 0, out
        assert last.startswith(("error", "end")), out
        told += last.startswith("error") or "no index could be made" in last
        done = [int(line.split()[1]) for line in out.splitlines() if line.startswith("done")]
        go_on(path, photos, encoder, clean, max(done, default=0))
    assert told >= CUTS // 2


@pytest.mark.skipif(not FULL, reason="mounts file systems: PODOBA_FULL=1")
def test_a_small_disk_that_fills_up(
    tmp_path: Path, photos: Path, encoder: Encoder, clean: list[object], work: Callable[..., subprocess.Popen[str]]
) -> None:
    whole = (tmp_path / "clean.podoba").stat().st_size
    for trial, size in enumerate(np.linspace(0.1 * whole, 3 * whole, CUTS).astype(int)):
        disk = tmp_path / f"disk{trial}"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "podoba-test", disk], check=False).returncode:
            pytest.skip("no right to mount")
        try:
            out, _ = work(disk / "x.podoba").communicate()
            assert out.splitlines()[-1].startswith(("error", "end")), out
            done = [int(line.split()[1]) for line in out.splitlines() if line.startswith("done")]
            kept = tmp_path / f"kept{trial}.podoba"
            for suffix in ("", "-wal", "-shm"):
                if (disk / f"x.podoba{suffix}").exists():
                    shutil.copyfile(disk / f"x.podoba{suffix}", f"{kept}{suffix}")
        finally:
            subprocess.run(["umount", disk], check=True)
        go_on(kept, photos, encoder, clean, max(done, default=0))


READ = """
import sys, time
import numpy as np
from podoba.collection.collection import Collection
from podoba.collection.index.settings import IndexSettings
path, seconds = sys.argv[1], float(sys.argv[2])
SETTINGS = IndexSettings(exact_bytes=0)
end, looked = time.monotonic() + seconds, 0
with Collection.open(path, read_only=True, index_settings=SETTINGS) as collection:
    while time.monotonic() < end:
        with collection.store.snapshot():
            items, vectors = collection.items(), collection.vectors()
            assert len(items) == len(vectors.numbers) == len(collection)
            found = collection.nearest(vectors.matrix[:2], 5) if len(items) else None
            if found is not None:
                assert set(found.numbers.ravel().tolist()) <= set(vectors.numbers.tolist())
                assert found.numbers[0, 0] == vectors.numbers[0] and abs(found.similarities[0, 0] - 1) < 1e-5
                assert len(collection.store.items.names_of(found.numbers[0])) == len(found.numbers[0])
        looked += 1
print(looked)
"""


def test_readers_beside_a_writer(tmp_path: Path, photos: Path, encoder: Encoder, clean: list[object]) -> None:
    path = tmp_path / "busy.podoba"
    with Collection.open(path, create=True, index_settings=SETTINGS) as collection:
        index_sources(collection, [open_source(photos)], encoder)
        command = [sys.executable, "-c", READ, str(path), str(SECONDS)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(READERS)]
        end, turns = time.monotonic() + SECONDS + 1, 0
        rng = np.random.default_rng(1)
        while time.monotonic() < end:
            item = collection.items()[int(rng.integers(0, len(collection)))]
            collection.remove([item.id])
            index_sources(collection, [open_source(photos)], encoder)
            collection.refresh_index(force=turns % 3 == 0)
            turns += 1
        for reader in readers:
            out, err = reader.communicate()
            assert reader.returncode == 0, err
            assert int(out) >= 1
        assert turns >= 1
        assert answers(collection)[0] == clean[0]


@contextmanager
def damaged(path: Path, data: bytes) -> Iterator[None]:
    """A file with other bytes, for a while."""
    whole = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(whole)


def outcome(path: Path, clean: list[object]) -> str:
    """What comes of a damaged file: it is told of, it is harmless, or the answer is wrong in silence."""
    try:
        with Collection.open(path, read_only=True, index_settings=SETTINGS) as collection:
            return "harmless" if answers(collection) == clean else "wrong"
    except PodobaError:
        return "told"


def test_flipped_bits_and_truncations_are_told_of_or_harmless(tmp_path: Path, clean: list[object]) -> None:
    path = tmp_path / "clean.podoba"
    cache = sorted((tmp_path / "clean.podoba.cache").iterdir())
    assert len(cache) == 3
    rng = np.random.default_rng(7)
    outcomes: dict[str, list[str]] = {}
    for trial in range(FLIPS):
        file = path if trial % 2 else cache[trial // 2 % 3]
        whole = bytearray(file.read_bytes())
        bit = int(rng.integers(0, 8 * len(whole)))
        whole[bit // 8] ^= 1 << (bit % 8)
        with damaged(file, bytes(whole)):
            outcomes.setdefault(outcome(path, clean), []).append(f"{file.name} bit {bit}")
    for trial in range(TRUNCATIONS):
        file = path if trial % 2 else cache[trial // 2 % 3]
        size = int(rng.integers(0, file.stat().st_size))
        with damaged(file, file.read_bytes()[:size]):
            outcomes.setdefault(outcome(path, clean), []).append(f"{file.name} cut at {size}")
    assert outcomes.get("wrong", []) == []
    assert len(outcomes["told"]) >= TRUNCATIONS // 3
    assert answers(Collection.open(path, read_only=True, index_settings=SETTINGS)) == clean
