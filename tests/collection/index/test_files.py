"""The files of a cache: what is read is what was written, or damage that is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.collection.index.block_checksums import DamagedCache
from podoba.collection.index.files import IndexCache, Manifest, Mapped


@pytest.fixture
def cache(tmp_path: Path) -> IndexCache:
    return IndexCache(tmp_path / "x.podoba")


def written(cache: IndexCache, rows: int = 1500, dim: int = 7) -> tuple[Manifest, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(rows)
    matrix, numbers = rng.standard_normal((rows, dim)).astype(np.float32), rng.permutation(rows) + 1
    parts = ((numbers[start : start + 100], matrix[start : start + 100]) for start in range(0, rows, 100))
    count, size, checksum = cache.write_descriptors("descriptors-1", dim, parts)
    manifest = Manifest(
        generation=3, token="t", fingerprint="f", dim=dim, rows=count, file="descriptors-1", bytes=size, checksum=checksum
    )
    cache.write_manifest(manifest)
    return manifest, numbers, matrix


def read_all(cache: IndexCache, manifest: Manifest) -> Mapped:
    mapped = cache.map_descriptors(manifest)
    mapped.verified.verify(0, len(mapped.verified.data))
    return mapped


@pytest.mark.parametrize("rows", [1, 146, 1500])
def test_descriptors_are_mapped_as_they_were_written(cache: IndexCache, rows: int) -> None:
    manifest, numbers, matrix = written(cache, rows)
    assert cache.read_manifest() == manifest
    mapped = read_all(cache, manifest)
    np.testing.assert_array_equal(mapped.numbers, numbers)
    np.testing.assert_array_equal(mapped.matrix, matrix)


def test_a_flipped_bit_anywhere_is_noticed(cache: IndexCache) -> None:
    manifest, _, _ = written(cache)
    path = cache.folder / manifest.file
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for bit in rng.integers(0, 8 * len(whole), 40).tolist():
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(broken)
        with pytest.raises(DamagedCache):
            read_all(cache, manifest)
    path.write_bytes(whole[:-1])
    with pytest.raises(DamagedCache, match="of another size"):
        cache.map_descriptors(manifest)


def test_a_manifest_that_was_changed_is_none(cache: IndexCache) -> None:
    assert (cache.read_manifest(), cache.version()) == (None, 0)
    written(cache)
    assert cache.version() > 0
    place = cache.folder / "manifest.json"
    text = place.read_text()
    for changed in (text.replace('"generation": 3', '"generation": 4'), text[:-5], "", "[]", '{"check": 1}'):
        assert changed != text
        place.write_text(changed)
        assert cache.read_manifest() is None


def test_files_that_the_manifest_does_not_name_are_swept(cache: IndexCache) -> None:
    written(cache)
    for name in ("descriptors-0", "index-0", "manifest.json.tmp", "thumbnails.sqlite"):
        (cache.folder / name).touch()
    cache.sweep()
    assert sorted(path.name for path in cache.folder.iterdir()) == ["descriptors-1", "manifest.json", "thumbnails.sqlite"]
    cache.remove()
    assert [path.name for path in cache.folder.iterdir()] == ["thumbnails.sqlite"]


def test_a_write_that_fails_leaves_no_file(cache: IndexCache) -> None:
    def parts() -> object:
        yield np.array([1]), np.ones((1, 4), dtype=np.float32)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        cache.write_descriptors("descriptors-1", 4, parts())  # type: ignore[arg-type]
    assert list(cache.folder.iterdir()) == []
