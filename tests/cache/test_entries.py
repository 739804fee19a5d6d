"""Looking at the cache and making room in it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from podoba.cache.entries import DAY, KINDS, MADE, cache_entries, forget_entries
from podoba.cache.location import mark_used
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache with one entry of each kind, of 10, 20 ... bytes, used 1, 2 ... days ago."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    names = [
        "pixels/abc/images.npy", "features/abc.npy", "thumbnails/abc/thumbnails.sqlite", "downloads/set/a.zip",
        "sets/digits/a.png", "models/hf/a/b/model.onnx",
    ]  # fmt: skip
    for days, name in enumerate(names, start=1):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(10 * days))
        os.utime(path, (time.time() - days * DAY,) * 2)
    (tmp_path / "features" / "abc.lock").touch()
    (tmp_path / "models" / "hf" / "a" / "b.lock").touch()
    (tmp_path / "models" / "hf" / "a" / "b" / "pulled.json").write_text("{}")  # the checksums outlive the model
    return tmp_path


def test_everything_is_found_with_its_size(kept: Path) -> None:
    found = cache_entries()
    assert [(entry.kind, entry.size) for entry in found] == [(kind, 10 * (i + 1)) for i, kind in enumerate(KINDS)]
    assert [entry.path.relative_to(kept).as_posix() for entry in found] == [
        "pixels/abc", "features/abc.npy", "thumbnails/abc", "downloads/set", "sets/digits", "models/hf/a/b/model.onnx",
    ]  # fmt: skip


def test_what_was_put_there_by_hand_is_left_unless_named(kept: Path) -> None:
    assert [entry.kind for entry in forget_entries()] == list(MADE)
    assert [entry.kind for entry in cache_entries()] == ["sets", "models"]
    assert list((kept / "features").iterdir()) == []
    forget_entries(["sets", "models"])
    assert cache_entries() == []


def test_only_what_was_not_used_for_so_long_goes(kept: Path) -> None:
    assert [entry.kind for entry in forget_entries(KINDS, unused_days=2.5)] == ["thumbnails", "downloads", "sets", "models"]
    mark_used(kept / "features" / "abc.npy")
    assert [entry.kind for entry in forget_entries(KINDS, unused_days=0.5)] == ["pixels"]


def test_a_store_that_is_opened_again_counts_as_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    open_pixels(open_source("digits:test"), PixelRule(8))
    (entry,) = cache_entries()
    for file in entry.path.iterdir():
        os.utime(file, (0, 0))
    assert cache_entries()[0].used == 0
    open_pixels(open_source("digits:test"), PixelRule(8))
    assert cache_entries()[0].used > time.time() - 60
    assert [gone.path for gone in forget_entries()] == [entry.path]
    assert len(open_pixels(open_source("digits:test"), PixelRule(8))) > 0


def test_an_empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "none"))
    assert cache_entries() == forget_entries() == []
