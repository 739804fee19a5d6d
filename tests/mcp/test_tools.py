"""What an assistant can ask."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.errors import CollectionError, SourceError
from podoba.mcp.files import AllowedFiles
from podoba.mcp.tools import Tools, ToolSettings


def test_about(tools: Tools, folders: Path) -> None:
    about = tools.about()
    assert about["folders"] == [str(folders / "photos")]
    assert about["collections"] == [
        {
            "name": "photos",
            "items": 13,
            "labels": 2,
            "attributes": ["modified"],
            "model": "small",
            "knows_probabilities": True,
        }
    ]


def test_a_search_is_that_of_the_collection(tools: Tools, photos: Path, folders: Path) -> None:
    with Collection.open(photos, read_only=True) as collection:
        items = collection.items()
        for query, unwanted in ((f"id:{items[3].id}", None), (str(folders / "photos" / "cold" / "02.png"), f"id:{items[8].id}")):
            expected = collection.search(query, unwanted=unwanted or (), k=5).to_json()
            found = tools.search("photos", [query], unwanted=[unwanted] if unwanted else [], k=5)
            assert found == {name: expected[name] for name in ("hits", "itself", "exact")}
        expected = collection.search(f"id:{items[0].id}", where="label == 'warm'").to_json()
        assert tools.search("photos", [f"id:{items[0].id}"], where="label == 'warm'")["hits"] == expected["hits"]
    assert tools.search("photos", [f"id:{items[0].id}"], min_probability=1.0)["hits"] == []


def test_a_box_is_of_the_first_picture(tools: Tools, folders: Path) -> None:
    picture = str(folders / "photos" / "cold" / "02.png")
    whole, part = (tools.search("photos", [picture], box=box)["hits"] for box in (None, (0, 0, 30, 20)))
    assert [hit["similarity"] for hit in whole] != [hit["similarity"] for hit in part]
    with pytest.raises(CollectionError, match="box"):
        tools.search("photos", ["text:a cat"], box=(0, 0, 30, 20))


def test_files_elsewhere_are_never_read(tools: Tools, folders: Path) -> None:
    for query in (
        str(folders / "secret" / "hidden.png"),
        str(folders / "photos" / ".." / "secret" / "hidden.png"),
        "/etc/passwd",
    ):
        with pytest.raises(SourceError, match="may be read"):
            tools.search("photos", [query])
        with pytest.raises(SourceError, match="may be read"):
            tools.search("photos", ["text:a cat"], unwanted=[query])


def test_items_are_shown(tools: Tools, photos: Path) -> None:
    with Collection.open(photos, read_only=True) as collection:
        items = collection.items()[:2]
    (line, picture), (_, other) = tools.show("photos", [items[0].id, f"id:{items[1].id}"])
    assert line == f"id:{items[0].id} {items[0].uri}, 150x100, label cold"
    assert picture is not None
    assert other is not None
    assert Image.open(io.BytesIO(picture)).format == "JPEG"
    with pytest.raises(CollectionError, match="too many"):
        tools.show("photos", [item.id for item in 7 * items])


def test_a_picture_that_is_gone_is_said_and_does_not_hide_the_others(tmp_path: Path, folders: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes((folders / "photos" / "cold" / "00.png").read_bytes() + name.encode())
    with Collection.open(tmp_path / "new.podoba", create=True) as collection:
        collection.update([tmp_path / "a.png", tmp_path / "b.png"], "small")
    (tmp_path / "a.png").unlink()
    with Collection.open(tmp_path / "new.podoba", read_only=True) as collection:
        shown = Tools({"new": collection}, AllowedFiles([])).show("new", [item.id for item in collection.items()])
    assert [picture is None for _, picture in shown] == [True, False]
    assert "cannot be shown" in shown[0][0]


def test_facets(tools: Tools) -> None:
    facets = {facet["name"]: facet for facet in tools.facets("photos")["facets"]}
    assert facets["label"]["values"] == [{"value": "warm", "count": 7}, {"value": "cold", "count": 6}]
    (label,) = [facet for facet in tools.facets("photos", "label == 'cold'")["facets"] if facet["name"] == "label"]
    assert label["values"] == [{"value": "cold", "count": 6}]
    with pytest.raises(CollectionError):
        tools.facets("photos", "label = 3")


def test_duplicates_are_found_once_for_all_their_pages(photos: Path) -> None:
    stages: list[str] = []
    with Collection.open(photos, read_only=True) as collection:
        tools = Tools({"photos": collection}, AllowedFiles([]), ToolSettings(groups=1))
        found = tools.duplicates("photos", on_progress=lambda stage, done, total: stages.append(stage))
        assert found["total"] == sum(found["by_kind"].values()) >= 1
        (group,) = found["groups"]
        assert (group["kind"], group["images"]) == ("identical", 2)
        assert {Path(item["uri"]).name for item in group["items"]} == {"01.png", "copy.png"}
        assert [item["suggestion"] for item in group["items"]] == ["keep", "copy"]
        before = len(stages)
        assert tools.duplicates("photos", offset=1, on_progress=lambda *_: stages.append("again"))["total"] == found["total"]
        assert len(stages) == before > 0
        with pytest.raises(CollectionError, match="no kind"):
            tools.duplicates("photos", ["odd"])


def test_an_unknown_collection_names_the_nearest(tools: Tools) -> None:
    for ask in (tools.facets, tools.duplicates):
        with pytest.raises(CollectionError, match="did you mean photos"):
            ask("photo")
