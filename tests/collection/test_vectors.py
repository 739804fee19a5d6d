"""What fulfils the protocols of searching: mypy proves it here, and the tests beside call it."""

from __future__ import annotations

from inspect import getmembers, isfunction

import pytest

from podoba.collection.collection import Collection
from podoba.collection.vectors import Descriptors, Items, Marks, Searchable, Vectors
from tests.collection.memory_vectors import copied


@pytest.mark.parametrize("place", ["a file", "memory"])
def test_all_that_searching_asks_is_there(filled: Collection, place: str) -> None:
    vectors: Vectors = filled.index if place == "a file" else copied(filled, "memory://here/filled")
    store: Searchable = vectors.store
    parts = [
        (Vectors, vectors),
        (Searchable, store),
        (Items, store.items),
        (Descriptors, store.descriptors),
        (Marks, store.marks),
    ]
    for protocol, part in parts:
        asked = {name for name, _ in getmembers(protocol, isfunction) if not name.startswith("_")}
        assert asked
        assert asked <= set(dir(part))
