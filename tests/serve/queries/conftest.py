"""Queries of a served collection, without a server around them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from podoba.serve.decoding.decoders import Decoders
from podoba.serve.decoding.settings import DecodingSettings
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served


@pytest.fixture(scope="session")
def decoders() -> Iterator[Decoders]:
    """One pool for all tests, since a worker takes a while to start."""
    pool = Decoders(DecodingSettings(workers=1))
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def served(shapes_collection: Path) -> Iterator[Served]:
    """The shapes, for tests that change nothing."""
    opened = Served([shapes_collection])
    yield opened
    opened.close()


@pytest.fixture
def queries(served: Served, decoders: Decoders) -> Queries:
    """Fresh ones, in which nothing is kept."""
    return Queries(served.collection, decoders=decoders)


@pytest.fixture
def opened(queries: Queries) -> OpenedFile:
    """The shapes."""
    return queries.opened_file("shapes")
