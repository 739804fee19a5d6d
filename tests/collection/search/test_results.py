"""Results as tables, as CSV, as images and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.search.results import COLUMNS, Hit, SearchResult
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


RESULT = SearchResult(
    "q.jpg",
    [Hit(1, "a" * 16, "/a,\udcff.jpg", 'a "cat"', 0.75, 0.5), Hit(2, "b" * 16, "/b.jpg", None, -0.125, None, 1.5)],
    True,
    0.1,
)


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


def test_csv_has_a_line_a_hit_and_all_digits() -> None:
    rows = list(csv.reader(io.StringIO(RESULT.to_csv())))
    assert rows[0] == list(COLUMNS)
    assert rows[1:] == [
        ["1", "a" * 16, "/a,\\udcff.jpg", 'a "cat"', "0.75", "0.5", ""],
        ["2", "b" * 16, "/b.jpg", "", "-0.125", "", "1.5"],
    ]
    assert SearchResult("q.jpg", [], True, 0.1).to_csv() == ",".join(COLUMNS) + "\n"


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    RESULT.write_page(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text == RESULT.to_page()
    assert text.count("<figure") == 2
