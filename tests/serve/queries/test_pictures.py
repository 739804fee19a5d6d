"""Tests of the pictures of items: only what was indexed, and only what a browser shows."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.pictures import kind_of, original, preview, thumbnail

pytestmark = pytest.mark.slow
LARGE = 1 << 20


@pytest.fixture
def own(shapes: Path, decoders: Decoders, tmp_path: Path) -> Iterator[OpenedFile]:
    """A collection of three pictures that a test may change: JPEG, PNG and TIFF."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(shapes / "circle" / "circle-00.jpg", folder / "a.jpg")
    picture = Image.open(shapes / "square" / "square-00.jpg")
    picture.save(folder / "b.png")
    picture.save(folder / "c.tif")
    with Collection.open(tmp_path / "own.podoba", create=True) as collection:
        collection.update([folder], "small")
        yield OpenedFile("own", collection, decoders)


def item_of(opened: OpenedFile, name: str) -> Item:
    return next(item for item in opened.collection.items() if item.uri.endswith(f"/{name}"))


@pytest.mark.parametrize("side", [96, 192, 384])
def test_thumbnails_outlive_their_files(own: OpenedFile, side: int) -> None:
    item = item_of(own, "a.jpg")
    jpeg = thumbnail(own, item, side)
    assert max(Image.open(io.BytesIO(jpeg)).size) == min(side, 240)
    Path(item.uri).unlink()
    assert thumbnail(own, item, side) == jpeg
    with pytest.raises(Problem) as raised:
        thumbnail(own, item, 95)  # of which none was cached
    assert (raised.value.status, raised.value.code) == (410, "file_gone")


def test_a_damaged_file_has_no_thumbnail(own: OpenedFile) -> None:
    item = item_of(own, "a.jpg")
    Path(item.uri).write_bytes(b"\xff\xd8\xff damaged")
    with pytest.raises(Problem) as raised:
        thumbnail(own, item, 96)
    assert raised.value.code == "unreadable_image"


def test_originals_are_the_files_themselves(own: OpenedFile) -> None:
    for name, kind in (("a.jpg", "image/jpeg"), ("b.png", "image/png")):
        item = item_of(own, name)
        found = original(item, LARGE)
        assert (found.data, found.kind) == (Path(item.uri).read_bytes(), kind)
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in found.headers["Content-Security-Policy"]
        assert found.headers["Content-Disposition"] == f"inline; filename*=UTF-8''{name}"


def test_another_file_at_the_same_place_is_never_sent(own: OpenedFile, tmp_path: Path) -> None:
    item = item_of(own, "a.jpg")
    secret = tmp_path / "secret.jpg"
    shutil.copy(item_of(own, "b.png").uri, secret)
    Path(item.uri).unlink()
    Path(item.uri).symlink_to(secret)
    with pytest.raises(Problem) as raised:
        original(item, LARGE)
    assert (raised.value.status, raised.value.code) == (409, "file_changed")


def test_what_no_browser_shows_is_not_sent_but_has_a_preview(own: OpenedFile, decoders: Decoders) -> None:
    item = item_of(own, "c.tif")
    with pytest.raises(Problem) as raised:
        original(item, LARGE)
    assert (raised.value.status, raised.value.code) == (415, "not_shown")
    assert Image.open(io.BytesIO(preview(decoders, item, 1024))).size == (item.width, item.height)


def test_svg_is_never_sent(own: OpenedFile) -> None:
    item = replace(item_of(own, "a.jpg"), content="")  # as of imported descriptors, whose bytes are not known
    Path(item.uri).write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    with pytest.raises(Problem) as raised:
        original(item, LARGE)
    assert raised.value.code == "not_shown"


def test_a_huge_file_is_not_sent(own: OpenedFile) -> None:
    with pytest.raises(Problem) as raised:
        original(item_of(own, "a.jpg"), 100)
    assert (raised.value.status, raised.value.code) == (413, "too_large")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO"])
def test_kinds_are_known_by_how_a_file_begins(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, kind)
    expected = None if kind in ("TIFF", "ICO") else f"image/{kind.lower()}"
    assert kind_of(file.getvalue()) == expected


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x89PN", b"RIFF1234WAVE", b"GIF", b"%PDF"])
def test_other_files_have_no_kind(data: bytes) -> None:
    assert kind_of(data) is None
