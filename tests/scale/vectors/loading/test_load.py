"""Folders of shards into a server: all of it, once, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from podoba.arrays import Floats
from podoba.cli.commands.vectors import app
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError, CollectionMissing
from podoba.scale.encoding.skipped import SkippedImage
from podoba.scale.vectors.loading.load import load
from podoba.scale.vectors.open import create_vectors, open_vectors
from tests.scale.vectors.conftest import QUICK, make_item, make_model, unit
from tests.scale.vectors.shards import write_shard, write_shards

pytestmark = pytest.mark.scale
ROWS = 3000


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return [make_item(row, attributes={"price": row / 4}) for row in range(ROWS)]


@pytest.fixture(scope="module")
def descriptors() -> Floats:
    return unit(ROWS)


def test_a_folder_is_loaded_once(tmp_path: Path, new_address: Callable[[], str], items: list[Item], descriptors: Floats) -> None:
    address, model = new_address(), make_model()
    folder = write_shards(tmp_path / "out", items, descriptors, model, 1000)
    seen: list[tuple[str, int, int]] = []
    first = load(address, str(folder), shards=2, on_progress=lambda *step: seen.append(step), settings=QUICK)
    assert (first.shards, first.known, first.rows, first.items) == (3, 0, ROWS, ROWS)
    assert ("loading shards", 3, 3) in seen
    assert seen[-1][0] == "building the index"
    again = load(address, str(folder), settings=QUICK)
    assert (again.shards, again.known, again.rows, again.items) == (0, 3, 0, ROWS)
    # An image changed, another one is damaged now: of a later shard.
    changed = replace(items[5], label="bird")
    damaged = SkippedImage(items[6].uri, "no picture", "1-1", True)
    write_shard(folder, "later", [changed], descriptors[:1], model, [damaged])
    report = load(address, str(folder), settings=QUICK)
    assert (report.shards, report.rows, report.items) == (1, 1, ROWS - 1)
    assert [one.uri for one in report.skipped] == [items[6].uri]
    with open_vectors(address, settings=QUICK) as vectors:
        assert vectors.store.items.get(items[5].id) == replace(changed, source="/photos")
        np.testing.assert_array_equal(vectors.store.descriptors.get(items[5].id), descriptors[0])
        found = vectors.nearest(descriptors[100], 3, "price > 20")
        assert vectors.store.items.of_numbers(found.numbers[0])[int(found.numbers[0, 0])].id == items[100].id
        info = vectors.store.info()
        assert (info["items"], info["shards"], info["replicas"], info["index"]["kind"]) == (ROWS - 1, 2, 1, "HNSW")
    # By the commands.
    done = told("load", address, str(folder), "--json")
    assert json.loads(done.stdout)["known"] == 4
    assert f"items: {ROWS - 1}" in told("info", address).stdout
    refused = told("remove", address)
    assert isinstance(refused.exception, CollectionError)
    assert "nothing was removed: say yes, or give --yes" in str(refused.exception)
    assert json.loads(told("remove", address, "--where", "label == 'bird'", "--yes", "--json").stdout)["removed"] == 1
    assert told("remove", address, "--yes").exit_code == 0
    with pytest.raises(CollectionMissing):
        open_vectors(address, settings=QUICK)
    # A collection made anew has nothing of what was acknowledged of the one before it.
    (folder / min(path.name for path in folder.glob("*.parquet"))).rename(tmp_path / "gone")
    assert load(address, str(folder), settings=QUICK).known == 0


def told(*arguments: str) -> Result:
    """What `podoba vectors ...` says."""
    return CliRunner().invoke(app, list(arguments))


def test_another_model_is_refused(tmp_path: Path, new_address: Callable[[], str], items: list[Item], descriptors: Floats) -> None:
    address = new_address()
    folder = write_shards(tmp_path / "out", items[:10], descriptors[:10], make_model(), 10)
    assert load(address, str(folder), settings=QUICK).rows == 10
    other = make_model(notes="another")
    with pytest.raises(CollectionError, match=r"its descriptors are of .* cannot be compared"):
        load(address, str(write_shards(tmp_path / "other", items[:10], descriptors[:10], other, 10)), settings=QUICK)
    write_shard(folder, "mixed", items[:10], descriptors[:10], other)
    with pytest.raises(CollectionError, match="encode its images with that model"):
        load(address, str(folder), settings=QUICK)
    with pytest.raises(CollectionError, match="cannot be compared"):
        create_vectors(address, other, "other", settings=QUICK)
    with pytest.raises(CollectionError, match="no shards are there"):
        load(address, str(tmp_path), settings=QUICK)
    with pytest.raises(CollectionError, match="fewer than 5 query nodes"):
        load(address, str(folder), replicas=5, settings=QUICK)
    with open_vectors(address, settings=QUICK) as vectors:
        assert len(vectors.store.items) == 10


def test_a_loader_that_is_killed_goes_on(
    tmp_path: Path, new_address: Callable[[], str], items: list[Item], descriptors: Floats
) -> None:
    address = new_address()
    folder = write_shards(tmp_path / "out", items, descriptors, make_model(), 100)
    with create_vectors(address, make_model(), "tiny", settings=QUICK):
        pass
    command = [sys.executable, "-m", "podoba", "vectors", "load", address, str(folder)]
    loader = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        journal: Path | None = None
        until = time.monotonic() + 60
        while time.monotonic() < until:
            journal = next((Path(os.environ["PODOBA_DATA"]) / "vectors").glob("*.loaded"), None)
            if journal is not None and journal.read_bytes().count(b"\n") >= 3:
                break
            time.sleep(0.02)
    finally:
        os.killpg(loader.pid, signal.SIGKILL)
        loader.wait()
    assert journal is not None
    report = load(address, str(folder), settings=QUICK)
    assert report.known >= 3
    assert report.items == ROWS
    assert report.known + report.shards == 30
