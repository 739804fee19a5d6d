"""Results as tables and as images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture, encoder: Encoder) -> Collection:
    for i in range(8):
        picture(tmp_path / "photos" / f"{i}.png", i, (16, 16))
    collection = Collection.open(tmp_path / "photos.podoba", create=True)
    index_sources(collection, [open_source(tmp_path / "photos")], encoder)
    return collection


def test_results_as_tables_and_pictures(photos: Collection, tmp_path: Path, encoder: Encoder) -> None:
    found = photos.search(tmp_path / "photos" / "3.png", encoder=encoder, k=3)
    assert [hit.rank for hit in found] == [1, 2, 3]
    assert len(found) == 3
    assert found.to_arrow().to_pylist()[0] == vars(found.hits[0])
    assert found.to_pandas()["id"].tolist() == [hit.id for hit in found]
    shown = found._repr_html_()
    assert shown.count("data:image/jpeg;base64,") == 4
    (tmp_path / "photos" / "3.png").unlink()
    assert "cannot be read" in found._repr_html_()
