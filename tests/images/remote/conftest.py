"""A folder in fsspec's memory."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import fsspec
import pytest

Put = Callable[[str, bytes], str]


@pytest.fixture
def put() -> Put:
    """Writes a file by its path into a folder of its own, and gives its address."""
    store, root = fsspec.filesystem("memory"), f"/{uuid4().hex[:8]}"

    def write(path: str, data: bytes) -> str:
        store.pipe_file(f"{root}/{path}", data)
        return f"memory:/{root}/{path}"

    return write
