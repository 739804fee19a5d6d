"""The file of a map."""

from pathlib import Path

import numpy as np
import pytest

from podoba.collection.map.files import DamagedMap, MapFacts, map_path, read_map, write_map
from podoba.collection.map.points import in_order

FACTS = MapFacts(layout="umap", generation=3, token="t", fingerprint="f", rows=20, fitted=20, seconds=1.5, seed=0)


def written(folder: Path) -> Path:
    points = in_order(np.arange(1, 21), np.random.default_rng(0).random((20, 2)).astype(np.float32), 0)
    path = map_path(folder / "cache", "umap")
    write_map(path, FACTS, points, np.arange(20) + (1 << 31))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    facts, points, checksums = read_map(written(tmp_path))
    assert facts == FACTS
    assert sorted(points.numbers.tolist()) == list(range(1, 21))
    assert points.places.shape == (20, 2)
    assert checksums.tolist() == [i + (1 << 31) for i in range(20)]


def test_every_flipped_bit_and_every_cut_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(DamagedMap):
            read_map(path)
    for size in (0, 10, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(DamagedMap):
            read_map(path)


def test_a_missing_one_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_map(map_path(tmp_path, "umap"))
