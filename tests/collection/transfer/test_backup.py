"""A copy of a collection that is in use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError


def test_a_copy_is_of_one_moment_while_another_object_writes(
    filled: Collection, item_of: Callable[[int], Item], tmp_path: Path
) -> None:
    to = tmp_path / "copies" / "copy.podoba"
    to.parent.mkdir()
    with Collection.open(filled.path, read_only=True) as reader, filled.store.transaction():
        filled.remove([item_of(1).id])
        reader.copy_to(to)
    assert [path.name for path in to.parent.iterdir()] == ["copy.podoba"]
    with Collection.open(to) as copy:
        assert len(copy) == 60
        assert copy.items() == [item_of(i) for i in range(60)]
        np.testing.assert_array_equal(copy.store.descriptors.get(item_of(2).id), filled.store.descriptors.get(item_of(2).id))
        copy.remove([item_of(2).id])  # it is a collection of its own
    assert len(filled) == 59


def test_a_copy_overwrites_nothing_and_leaves_nothing_half_done(filled: Collection, tmp_path: Path) -> None:
    taken = tmp_path / "taken.podoba"
    taken.write_text("mine")
    with pytest.raises(CollectionError, match="never overwritten"):
        filled.copy_to(taken)
    assert taken.read_text() == "mine"
    with pytest.raises(CollectionError, match="unable to open"):
        filled.copy_to(tmp_path / "no" / "copy.podoba")
    assert not list(tmp_path.glob(".*"))


def test_the_cache_goes_with_the_copy(
    indexed: Collection, small: IndexSettings, tmp_path: Path, descriptors_of: Callable[[int, int], np.ndarray]
) -> None:
    indexed.copy_to(tmp_path / "copy.podoba")
    shutil.rmtree(indexed.index.cache.folder)
    with Collection.open(tmp_path / "copy.podoba", read_only=True, index_settings=small) as copy:
        assert not copy.nearest(descriptors_of(1, 1), 5).exact
        assert copy.info()["index"]["fresh"] is True
