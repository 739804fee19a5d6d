from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from podoba.cache.location import cache_dir
from podoba.files import new_folder_beside, reserve
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels


def full(descriptor: int, start: int, size: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system cannot reserve space")
def test_what_is_reserved_is_really_taken() -> None:
    with tempfile.TemporaryFile() as file:
        reserve(file, 1 << 20, Path("here"))
        facts = os.fstat(file.fileno())
    assert facts.st_size == 1 << 20
    assert facts.st_blocks * 512 >= 1 << 20


def test_a_full_disk_is_named_and_leaves_no_half_a_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space") as caught:
        open_pixels(open_source("digits:test"), PixelRule(8))
    assert caught.value.filename == str(cache_dir() / "pixels")
    assert list((tmp_path / "pixels").iterdir()) == []


def test_a_store_can_be_read_by_whoever_may_read_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    before = os.umask(0o022)
    try:
        open_pixels(open_source("digits:test"), PixelRule(8))
        drafts = {new_folder_beside(tmp_path / "new" / "folder") for _ in range(2)}
    finally:
        os.umask(before)
    (store,) = (tmp_path / "cache" / "pixels").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (store, store / "images.npy", *drafts)] == [0o755, 0o644, 0o755, 0o755]
    assert len(drafts) == 2
