"""A collection is opened by its file or its address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import podoba
from podoba.collection.collection import Collection
from podoba.collection.vectors import Vectors
from podoba.errors import CollectionError, CollectionMissing
from podoba.scale.open import OPENERS, cache_folder_of, open_collection
from podoba.scale.open import open_collection as opened_by
from tests.collection.memory_vectors import MemoryStore, MemoryVectors


@pytest.fixture
def empty(tmp_path: Path) -> Collection:
    return Collection.open(tmp_path / "photos.podoba", create=True)


def test_a_file_is_a_collection(empty: Collection) -> None:
    for place in (empty.path, str(empty.path)):
        with open_collection(place, read_only=True) as opened:
            assert isinstance(opened, Collection)
            assert opened.path == empty.path
    assert podoba.open_collection is opened_by


def test_a_missing_file_is_said() -> None:
    with pytest.raises(CollectionMissing):
        open_collection("/nowhere/photos.podoba")


def test_an_address_is_opened_by_its_scheme(empty: Collection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def open_memory(address: str, device: str | None, patience: float | None) -> Vectors:
        asked.append((address, device, patience))
        return MemoryVectors(MemoryStore(address, empty.store.models))

    monkeypatch.setitem(OPENERS, "memory", open_memory)
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    with open_collection("Memory://here/photos", device="cpu") as opened:
        assert not isinstance(opened, Collection)
        assert opened.name == "Memory://here/photos"
        assert opened.cache_folder.is_relative_to(tmp_path / "cache" / "thumbnails")
    assert asked == [("Memory://here/photos", "cpu", None)]
    assert cache_folder_of("memory://here/photos") != cache_folder_of("memory://here/others")


@pytest.mark.parametrize(("address", "hint"), [("http://here/photos", ""), ("milvsu://here/photos", " did you mean milvus?")])
def test_an_unknown_scheme_is_said(address: str, hint: str) -> None:
    known = "from a file or milvus://HOST:PORT/NAME or milvuss://HOST:PORT/NAME"
    with pytest.raises(CollectionError, match=re.escape(known + hint) + "$"):
        open_collection(address)
