"""Sources into a folder of shards, while machines and the program itself die: every image once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from podoba.collection.collection import Collection
from podoba.errors import PodobaError, SourceError
from podoba.executor import Outcome, ProcessExecutor
from podoba.images.sources.open import open_source
from podoba.scale.encoding.importing import import_folder
from podoba.scale.index import IntoReport, index_into, raise_for_failed
from podoba.scale.ray_executor import open_executor
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import ShardSettings
from tests.scale.servers.ray_cluster import ROOT, Cluster

SMALL = ShardSettings(images=4)
Write = Callable[[Path, int], Path]


@pytest.fixture
def pictures(tmp_path: Path, write: Write) -> Path:
    """Pictures of some hundred shards."""
    for number in range(400):
        write(tmp_path / "pictures" / f"class-{number % 4}" / f"{number}.png", number)
    return tmp_path / "pictures"


def images_in(out: Path) -> list[str]:
    """The places of the images in all files of a folder, sorted."""
    return sorted(uri for path in out.glob("*.parquet") for uri in pq.read_table(path).column("uri").to_pylist())


def done(out: Path) -> int:
    return len(list(out.glob("*.parquet")))


def wait_for(count: int, out: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while done(out) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_each_image_once_and_only_what_changed_again(photos: Path, model: Path, tmp_path: Path, write: Write) -> None:
    out, seen = tmp_path / "out", list[tuple[int | None, int]]()
    known = sorted(record.uri for record in open_source(photos))

    def index() -> IntoReport:
        return index_into(
            [str(photos)], str(out), str(model), ProcessExecutor(2), settings=SMALL,
            on_progress=lambda report: seen.append((report.shards, report.done)),
        )  # fmt: skip

    first = index()
    assert first.shards == first.done == done(out) > 5
    assert (first.was_there, first.failed) == (0, [])
    assert (first.images, first.skipped) == (len(images_in(out)), len(known) - len(images_in(out)))
    assert set(images_in(out)) < set(known)
    assert [count for _, count in seen] == [*range(first.done + 1), first.done]
    assert (seen[0][0], seen[-1][0]) == (None, first.shards)
    again = index()
    assert (again.was_there, again.images, again.skipped) == (first.done, first.images, first.skipped)
    assert again.to_json()["failed"] == []

    write(photos / "train" / "class-1" / "new.png", 99)
    changed = index()
    assert 1 <= changed.done - changed.was_there <= 3
    with Collection.open(tmp_path / "c.podoba", create=True) as collection:
        import_folder(collection.store, str(out))
        assert len(collection) == changed.images == first.images + 1


def test_a_shard_that_fails_is_named_and_the_others_are_done(photos: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    broken = next(iter(list_shards([str(photos)], SMALL)))

    class Executor(ProcessExecutor):
        def run(self, function, items):  # type: ignore[no-untyped-def]
            for item in items:
                if item.key == broken.key:
                    yield Outcome(item, None, "its process was killed twice", 2)
                else:
                    yield Outcome(item, function(item), None, 1)

    report = index_into([str(photos)], str(out), str(model), Executor(1), settings=SMALL)
    assert [(one.key, one.reason) for one in report.failed] == [(broken.key, "its process was killed twice")]
    assert report.done == (report.shards or 0) - 1 == done(out)
    with pytest.raises(PodobaError, match=rf"1 of {report.shards} shards failed, the first, of .*photos: its process was killed"):
        raise_for_failed(report)
    assert not list(out.glob("*.listing.json"))  # what is missing is not noted as all there is


def test_a_source_that_is_not_there_is_an_error_and_nothing_is_noted(model: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        index_into([str(tmp_path / "nowhere")], str(tmp_path / "out"), str(model), ProcessExecutor(1))
    assert not (tmp_path / "out").exists()


DRIVER = """
import sys
from podoba.scale.index import index_into
from podoba.scale.ray_executor import open_executor
from podoba.scale.shards.settings import ShardSettings
source, out, model, on = sys.argv[1:]
index_into([source], out, model, open_executor(on), settings=ShardSettings(images=4))
"""


@pytest.mark.scale
def test_a_node_and_then_the_program_are_killed_and_every_image_is_there_once(
    ray_cluster: Cluster, pictures: Path, model: Path, tmp_path: Path
) -> None:
    out, on = tmp_path / "out", f"ray:{ray_cluster.address}"
    shards = sum(1 for _ in list_shards([str(pictures)], SMALL))
    command = [sys.executable, "-c", DRIVER, str(pictures), str(out), str(model), on]
    program = subprocess.Popen(command, cwd=ROOT, env=ray_cluster.environment, stderr=subprocess.PIPE)
    try:
        wait_for(8, out, program)
        ray_cluster.nodes[0].kill()
        wait_for(done(out) + 8, out, program)
    finally:
        program.send_signal(signal.SIGKILL)
        program.communicate()
    left = done(out)
    assert 16 <= left < shards  # else they came too late to try anything
    report = index_into([str(pictures)], str(out), str(model), open_executor(on), settings=SMALL)
    assert report.failed == []
    assert (report.done, done(out)) == (shards, shards)
    assert report.was_there >= left
    assert images_in(out) == sorted(map(str, pictures.rglob("*.png")))
