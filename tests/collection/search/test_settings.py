"""Settings of a search reach what they are for."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.search import search as search_index
from podoba.collection.search.settings import SearchSettings


@pytest.mark.parametrize("largest_pool", [4, 4096])
def test_the_pool_grows_no_further_than_it_may(filled: Collection, largest_pool: int) -> None:
    copied = filled.store.descriptors.get(filled.items()[0].id)
    filled.put(filled.items()[:40], np.repeat(copied[None], 40, axis=0))
    settings = SearchSettings(pool=4, largest_pool=largest_pool)
    result = search_index(filled.index, copied, (), SearchOptions(k=1, diversity=0.5), settings=settings)
    assert len(result) == 1
    diverse = search_index(filled.index, copied, (), SearchOptions(k=2, diversity=0.5), settings=settings)
    assert sum(hit.similarity > 0.99 for hit in diverse) == (2 if largest_pool == 4 else 1)
