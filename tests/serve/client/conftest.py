"""Clients of servers in this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.serve.client.client import Client


@pytest.fixture
def served(site: Any) -> Iterator[Client]:
    """A client of `site`, for tests that change nothing."""
    with Client(f"{site.address}/#token={site.settings.token}") as client:
        yield client


@pytest.fixture
def writable(serve: Any, shapes_collection: Path, shapes: Path, tmp_path: Path) -> Iterator[Client]:
    """A client of a server of a copy of the shapes and of a missing collection `new`; it shows paths and may index `allowed`."""
    shutil.copy(shapes_collection, tmp_path / "shapes.podoba")
    shutil.copytree(shapes, tmp_path / "allowed" / "summer")
    (tmp_path / "allowed" / "summer" / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    places = [tmp_path / "shapes.podoba", tmp_path / "new.podoba"]
    with (
        serve(places, allow_index=(tmp_path / "allowed",), show_paths=True) as site,
        Client(site.address, site.settings.token) as client,
    ):
        yield client
