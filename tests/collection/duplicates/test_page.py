"""Groups of duplicates as a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from podoba.collection.duplicates.page import duplicates_page, write_page
from podoba.collection.duplicates.results import Copy, Duplicates, Group
from podoba.collection.storage.items import Item


def group_of(kept: Path, copy: str) -> Group:
    def item(id_: str, uri: str) -> Item:
        return Item(id_, uri, "/", None, "", 1, None, 1, 1, "JPEG", {})

    return Group("near", Copy(item("a", str(kept)), "the <largest>", "near", True), [Copy(item("b", copy), "similar", "near")])


def test_a_page_has_each_image_once_and_says_what_cannot_be_read(tmp_path: Path, picture: Callable[..., Path]) -> None:
    duplicates = Duplicates([group_of(picture(tmp_path / "a.png", 1), "/gone/\udcff.png")])
    path = tmp_path / "page.html"
    write_page(duplicates, "photos.podoba", path)
    text = path.read_text(encoding="utf-8")
    assert text == duplicates_page(duplicates, "photos.podoba")
    assert (text.count("<figure"), text.count("data:image/jpeg"), text.count("cannot be read")) == (2, 1, 1)
    assert "the &lt;largest&gt;" in text
    assert "no duplicates" in duplicates_page(Duplicates([]), "photos.podoba")
