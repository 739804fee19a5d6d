"""Groups of duplicates as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from podoba.collection.duplicates.results import Copy, Duplicates, Group
from podoba.collection.storage.items import Item
from podoba.images.record import Skipped


def group_of(kept: Path, copy: str) -> Group:
    def item(id_: str, uri: str) -> Item:
        return Item(id_, uri, "/", None, "", 1, None, 1, 1, "JPEG", {})

    return Group("near", Copy(item("a", str(kept)), "the <largest>", "near", True), [Copy(item("b", copy), "similar", "near")])


def test_a_line_of_csv_is_an_image(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(Duplicates([group_of(tmp_path / "a.png", "/b,\udcff.png")]).to_csv())))
    assert [(row["group"], row["kept"], row["id"]) for row in rows] == [("1", "True", "a"), ("1", "False", "b")]
    assert rows[1]["uri"] == "/b,\\udcff.png"


def test_json_names_each_image_with_its_reason() -> None:
    duplicates = Duplicates([group_of(Path("/a.png"), "/b\udcff.png")], [Skipped("/c\udcff.png", "damaged")], 1.5)
    assert duplicates.to_json() == {
        "groups": [
            {
                "kind": "near",
                "keep": "a",
                "items": [
                    {"id": "a", "uri": "/a.png", "kind": "near", "reason": "the <largest>", "kept": True},
                    {"id": "b", "uri": "/b\\udcff.png", "kind": "near", "reason": "similar", "kept": False},
                ],
            }
        ],
        "skipped": [{"uri": "/c\\udcff.png", "reason": "damaged"}],
        "seconds": 1.5,
    }
