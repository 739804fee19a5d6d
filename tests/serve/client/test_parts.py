"""Queries as they are sent."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.search.query import DescribedImage, Part
from podoba.errors import SourceError
from podoba.serve.client.parts import Files, form_of, part_of, parts_of


def test_each_kind_of_part(shapes: Path) -> None:
    files: Files = []
    path = shapes / "circle" / "circle-00.jpg"
    parts = parts_of(["id:abc", "text:red car", Part(path, 0.5, (1, 2, 3, 4)), str(path)], files)
    assert parts == [
        {"item": "abc"}, {"text": "red car"}, {"weight": 0.5, "box": [1, 2, 3, 4], "image": 0}, {"image": 1},
    ]  # fmt: skip
    assert files == 2 * [("circle-00.jpg", path.read_bytes())]


def test_a_descriptor_is_sent_in_half_precision_whatever_its_length(tmp_path: Path) -> None:
    vector = np.array([3e5, 4e5], dtype=np.float32)
    np.save(tmp_path / "query.npy", vector)
    described = Part(DescribedImage(vector / 5e5, "0" * 64), box=(0, 0, 5, 5))
    for query in (vector, tmp_path / "query.npy", described):
        text = part_of(query if isinstance(query, Part) else Part(query), [])["descriptor"]
        sent = np.frombuffer(base64.urlsafe_b64decode(text + "=="), dtype="<f2")
        assert sent == pytest.approx([0.6, 0.8], abs=1e-3)


def test_a_picture_in_memory_is_sent_upright() -> None:
    picture = Image.new("RGB", (40, 20), "red")
    picture.getexif()[0x0112] = 6  # to be turned by a quarter
    files: Files = []
    assert part_of(Part(picture), files) == {"image": 0}
    name, data = files[0]
    assert name == "picture.png"
    assert Image.open(io.BytesIO(data)).size == (20, 40)
    part_of(Part(np.zeros((5, 7, 3), dtype=np.uint8)), files)
    assert Image.open(io.BytesIO(files[1][1])).size == (7, 5)


@pytest.mark.parametrize("name", ["gone.jpg", "gone.npy"])
def test_what_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="gone"):
        parts_of(tmp_path / name, [])
    with pytest.raises(TypeError):
        parts_of(5, [])  # type: ignore[arg-type]


def test_pictures_have_their_numbers_in_a_form() -> None:
    form = form_of('{"k": 1}', [("a.jpg", b"a"), ("b.jpg", b"b")])
    assert form["data"] == {"query": '{"k": 1}'}
    assert list(form["files"]) == ["image_0", "image_1"]
