"""Items and their pictures by the API."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.serve.queries.bodies import ItemFacts, ItemsAnswer

pytestmark = pytest.mark.slow
ITEMS = "/collections/shapes/items"


def test_items_are_listed_and_described(client: httpx.Client) -> None:
    page = client.get(ITEMS, params={"where": "label == 'circle'", "sort": "-name", "offset": 2, "k": 3})
    answer = ItemsAnswer.model_validate(page.json())
    assert (answer.total, [item.name for item in answer.items]) == (12, ["circle-09.jpg", "circle-08.jpg", "circle-07.jpg"])
    one = client.get(f"{ITEMS}/{answer.items[0].id}").json()
    assert ItemFacts.model_validate(one).source == "shapes"
    assert (one["name"], one["label"], one["uri"]) == ("circle-09.jpg", "circle", None)


def test_a_layout_and_its_items_belong_together(client: httpx.Client) -> None:
    data = client.get("/collections/shapes/layout", params={"sort": "-width"}).content
    numbers = np.frombuffer(data, "<u4", 36, 4)
    some = ",".join(map(str, numbers[10:14]))
    items = client.get(ITEMS, params={"numbers": some}).json()["items"]
    assert [item["number"] for item in items] == numbers[10:14].tolist()


@pytest.mark.parametrize("side", [96, 192, 384])
def test_thumbnails_are_sent_once(client: httpx.Client, side: int) -> None:
    item = client.get(ITEMS, params={"k": 1}).json()["items"][0]
    for path in (f"{ITEMS}/{item['id']}", f"/collections/shapes/numbers/{item['number']}"):
        first = client.get(f"{path}/thumbnail", params={"side": side})
        assert max(Image.open(io.BytesIO(first.content)).size) == min(side, 240)
        assert "immutable" in first.headers["cache-control"]
        again = client.get(f"{path}/thumbnail", params={"side": side}, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_an_original_is_the_file_and_harmless(client: httpx.Client, shapes: Path) -> None:
    item = client.get(ITEMS, params={"k": 1}).json()["items"][0]
    answer = client.get(f"{ITEMS}/{item['id']}/original")
    assert answer.content == (shapes / "circle" / item["name"]).read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    preview = client.get(f"{ITEMS}/{item['id']}/preview")
    assert Image.open(io.BytesIO(preview.content)).format == "JPEG"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/items?sort=widht", 422, "wrong_sort"),
        ("/items?where=widht", 422, "wrong_filter"),
        ("/items?k=1001", 422, "invalid"),
        ("/items?offset=-1", 422, "invalid"),
        ("/items?numbers=1,x", 422, "invalid"),
        ("/items/none", 404, "unknown_item"),
        ("/items/..%2f..%2fetc%2fpasswd/original", 404, "not_found"),
        ("/items/none/thumbnail", 404, "unknown_item"),
        ("/items/none/original", 404, "unknown_item"),
        ("/items/none/thumbnail?side=200", 422, "invalid"),
        ("/numbers/999999/thumbnail", 404, "unknown_item"),
        ("/layout?where=(", 422, "wrong_filter"),
    ],
)
def test_what_is_not_there_is_a_problem(client: httpx.Client, path: str, status: int, code: str) -> None:
    answer = client.get(f"/collections/shapes{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_item_whose_file_is_gone_says_so_and_still_has_its_thumbnail(
    serve: Callable[..., AbstractContextManager[Any]], shapes: Path, tmp_path: Path
) -> None:
    shutil.copytree(shapes / "circle", tmp_path / "moved")
    with Collection.open(tmp_path / "moved.podoba", create=True) as collection:
        collection.update([tmp_path / "moved"], "small")
    with serve([tmp_path / "moved.podoba"], show_paths=True) as site, site.client() as client:
        item = client.get("/collections/moved/items?k=1").json()["items"][0]
        path = f"/collections/moved/items/{item['id']}"
        assert item["uri"] == str(tmp_path / "moved" / item["name"])
        shown = client.get(f"{path}/thumbnail").content
        shutil.rmtree(tmp_path / "moved")
        assert client.get(f"{path}/thumbnail").content == shown
        for asked in (f"{path}/original", f"{path}/preview", f"{path}/thumbnail?side=384"):
            answer = client.get(asked)
            assert (answer.status_code, answer.json()["code"]) == (410, "file_gone")
        box = client.post("/collections/moved/search", json={"query": [{"item": item["id"], "box": [0, 0, 50, 50]}]})
        assert (box.status_code, box.json()["code"]) == (410, "file_gone")
