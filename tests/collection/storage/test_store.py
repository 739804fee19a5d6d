"""Items and their descriptors are put together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError


def test_what_is_put_is_there_when_the_file_is_opened_again(filled: Collection, item_of: Callable[[int], Item]) -> None:
    filled.close()
    store = Store.open(filled.path, read_only=True)
    assert store.path == filled.path
    assert store.items.select() == [item_of(i) for i in range(60)]
    assert store.descriptors.load().matrix.shape == (60, 192)
    with pytest.raises(CollectionError, match="opened for reading only"), store.transaction():
        pass


@pytest.mark.parametrize(
    ("descriptors", "match"),
    [
        (np.ones((1, 192)) / 192**0.5, r"must be \(2, 192\)"),
        (np.ones((2, 192)), "unit length"),
        (np.full((2, 192), np.nan), "unit"),
    ],
)
def test_descriptors_that_do_not_fit_are_refused(
    filled: Collection, item_of: Callable[[int], Item], descriptors: np.ndarray, match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        filled.store.put([item_of(100), item_of(101)], descriptors.astype(np.float32))
    assert len(filled) == 60


def test_without_a_model_nothing_is_put(tmp_path: Path, item_of: Callable[[int], Item]) -> None:
    store = Store.open(tmp_path / "x.podoba", create=True)
    with pytest.raises(CollectionError, match="claim one before"):
        store.put([item_of(1)], np.eye(1, 192, dtype=np.float32))
