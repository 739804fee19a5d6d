from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from podoba.images.cache import cache_dir, reserve
from podoba.images.source import open_source
from podoba.learn.pixels import open_pixels


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
        open_pixels(open_source("digits:test"), 8, "stretch")
    assert caught.value.filename == str(cache_dir() / "pixels")
    assert list((tmp_path / "pixels").iterdir()) == []
