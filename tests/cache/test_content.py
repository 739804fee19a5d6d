"""What is derived from contents: found again, verified, bounded, and never in the way."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from podoba.cache.content import ContentCache


@pytest.fixture
def cache(tmp_path: Path) -> ContentCache:
    return ContentCache(tmp_path / "cache" / "derived.sqlite", 1 << 20)


def change(cache: ContentCache, statement: str) -> None:
    connection = sqlite3.connect(cache.path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_is_put_is_found_by_content_and_variant(cache: ContentCache) -> None:
    assert cache.get(["a"]) == {}
    cache.put({})
    assert not cache.path.parent.exists()
    cache.put({"a": b"1", "b": b"2"})
    cache.put({"a": b"small"}, "64")
    assert cache.get(["a", "b", "c"]) == {"a": b"1", "b": b"2"}
    assert cache.get(["a", "b"], "64") == {"a": b"small"}
    cache.put({"a": b"3"})
    assert ContentCache(cache.path, 1 << 20).get(["a"]) == {"a": b"3"}
    assert cache.get([]) == {}


def test_what_is_damaged_is_not_given(cache: ContentCache) -> None:
    cache.put({"a": b"1234", "b": b"5678"})
    change(cache, "UPDATE derived SET data = substr(data, 1, 2) WHERE content = 'a'")
    assert cache.get(["a", "b"]) == {"b": b"5678"}
    cache.path.write_bytes(b"rubbish" * 1000)
    assert cache.get(["a", "b"]) == {}
    cache.put({"a": b"1"})  # this one is lost with the damaged file
    cache.put({"a": b"1"})
    assert cache.get(["a", "b"]) == {"a": b"1"}


def test_a_file_of_another_version_is_replaced(cache: ContentCache) -> None:
    cache.put({"a": b"1"})
    change(cache, "PRAGMA user_version = 99")
    cache.put({"b": b"2"})
    cache.put({"b": b"2"})
    assert cache.get(["a", "b"]) == {"b": b"2"}


def test_the_older_half_goes_where_the_file_grows_too_large(cache: ContentCache) -> None:
    for i in range(400):
        cache.put({f"{i:03}": bytes([i % 256]) * 10_000})
        assert cache.get([f"{i:03}"])
    assert cache.path.stat().st_size < 1.3 * cache.largest
    there = sorted(cache.get([f"{i:03}" for i in range(400)]))
    assert 20 < len(there) < 110
    assert there == [f"{i:03}" for i in range(400 - len(there), 400)]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    cache = ContentCache(tmp_path / "cache" / "derived.sqlite", 1000)
    cache.put({"a": b"1"})
    assert cache.get(["a"]) == {}


def test_threads_share_it(cache: ContentCache) -> None:
    def work(i: int) -> bool:
        cache.put({f"{i % 10}": bytes([i % 10]) * 100})
        return cache.get([f"{i % 10}"]).get(f"{i % 10}") in (None, bytes([i % 10]) * 100)  # None: busy when it was put

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(cache.get([str(i) for i in range(10)])) == 10
