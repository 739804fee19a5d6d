"""Two collections of the same pictures, by the two bundled models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served


@pytest.fixture(scope="session")
def both(shapes_collection: Path, photo_collection: Path) -> Iterator[Served]:
    """Both of them served, for tests that write nothing."""
    served = Served([shapes_collection, photo_collection])
    yield served
    served.close()


@pytest.fixture(scope="session")
def queries(both: Served) -> Queries:
    """What searches in both."""
    return both.queries
