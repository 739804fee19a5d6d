"""A cache of the test's own, and files to be published."""

from __future__ import annotations

from pathlib import Path

import pytest

from published_layouts import layouts


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def dinov2() -> dict[str, bytes]:
    """The files of a repository with one graph."""
    return layouts()["onnx-community/dinov2-small"]


@pytest.fixture(scope="session")
def clip() -> dict[str, bytes]:
    """The files of a repository with graphs of pictures and of words."""
    return layouts()["Xenova/clip-vit-base-patch32"]
