"""Two small collections, and a folder that an assistant may read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.mcp.files import AllowedFiles
from podoba.mcp.tools import Tools


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`photos`: twelve pictures of tiles in two classes, one of them twice; `secret` beside it: one more picture."""
    root = tmp_path_factory.mktemp("assistant")
    random = np.random.default_rng(3)
    for number in range(12):
        kind = "warm" if number % 2 else "cold"
        tiles = random.integers(0, 120, (5, 5, 3), dtype=np.uint8)
        tiles[..., 0 if kind == "warm" else 2] += 120
        path = root / "photos" / kind / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(tiles).resize((150, 100), Image.Resampling.NEAREST).save(path)
    shutil.copy(root / "photos" / "warm" / "01.png", root / "photos" / "warm" / "copy.png")
    (root / "secret").mkdir()
    shutil.copy(root / "photos" / "cold" / "00.png", root / "secret" / "hidden.png")
    return root


@pytest.fixture(scope="session")
def photos(folders: Path) -> Path:
    """The collection of those pictures."""
    path = folders / "photos.podoba"
    with Collection.open(path, create=True) as collection:
        collection.update([folders / "photos"], "small")
    return path


@pytest.fixture
def tools(photos: Path, folders: Path) -> Iterator[Tools]:
    """What can be asked of it."""
    with Collection.open(photos, read_only=True) as collection:
        yield Tools({"photos": collection}, AllowedFiles([folders / "photos"]))
