"""Photographs of two classes, and a collection of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for i in range(10):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i)
    return tmp_path / "photos"


@pytest.fixture
def collection(tmp_path: Path, photos: Path, encoder: Encoder) -> Collection:
    opened = Collection.open(tmp_path / "photos.podoba", create=True)
    index_sources(opened, [open_source(photos)], encoder)
    return opened
