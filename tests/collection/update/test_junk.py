"""A folder of junk among good images: all good ones are found, every bad one is named with its reason."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection, index_sources, search
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

GOOD = (
    "plain.jpg",
    "Подоба зі схожістю.png",
    "🌻🌻.webp",
    "two\nlines.png",
    "tab\tand 'quote\" and %s.png",
    "-n.png",
    "wow!/inside.png",
    "x" * 251 + ".png",
    os.fsdecode(b"latin-\xe9\xff.png"),
    "upper.JPG",
)


def encoded(seed: int, kind: str, side: int = 40) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it has 3.6 thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.fixture
def junk(tmp_path: Path) -> Path:
    folder = tmp_path / "сміття 🗑"
    folder.mkdir()
    for seed, name in enumerate(GOOD):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[name[-4:].lstrip(".").lower()]
        path.write_bytes(encoded(seed, kind))
    bad = {
        "empty.jpg": b"",
        "text.jpg": "не зображення\n".encode() * 50,
        "cut.jpg": encoded(50, "JPEG")[:-900],
        "cut.png": encoded(51, "PNG")[:-900],
        "cut.webp": encoded(52, "WEBP")[:-900],
        "head.png": encoded(53, "PNG")[:20],
        "bomb.png": bomb(),
        "svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "zeros.gif": bytes(2000),
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    (folder / "folder.png").mkdir()
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    (folder / "notes.txt").write_text("no image by its name, and so not spoken of")
    return folder


BAD = {
    "empty.jpg", "text.jpg", "cut.jpg", "cut.png", "cut.webp", "head.png", "bomb.png", "svg.png", "zeros.gif", "folder.png",
    "dangling.jpg", "loop.jpg", "round",
}  # fmt: skip


def test_good_images_are_found_and_bad_ones_named(tmp_path: Path, junk: Path, encoder: Encoder) -> None:
    with Collection.open(tmp_path / "junk.podoba", create=True) as collection:
        report = index_sources(collection, [open_source(junk)], encoder)
        assert {item.uri for item in collection.items()} == {str(junk / name) for name in GOOD}
        assert {row.uri for row in report.skipped} == {str(junk / name) for name in BAD}
        assert all(row.reason and "\n" not in row.reason for row in report.skipped)
        reasons = {Path(row.uri).name: row.reason for row in report.skipped}
        assert "empty" in reasons["empty.jpg"]
        assert "pixels" in reasons["bomb.png"] or "bomb" in reasons["bomb.png"]
        assert "folder" in reasons["folder.png"]

        for name in GOOD:  # and every good one finds itself, by its file and by its id
            hit = search(collection, junk / name, encoder=encoder, k=1, with_itself=True).hits[0]
            assert (hit.uri, round(hit.similarity, 4)) == (str(junk / name), 1.0)
        assert collection.check() == []

        again = index_sources(collection, [open_source(junk)], encoder)
        assert (again.unchanged, again.added, again.changed, again.vanished) == (len(GOOD), 0, 0, 0)
        assert {row.uri for row in again.skipped} == {str(junk / name) for name in BAD}


def test_the_report_of_junk_can_be_printed_anywhere(tmp_path: Path, junk: Path, encoder: Encoder) -> None:
    import json

    with Collection.open(tmp_path / "junk.podoba", create=True) as collection:
        report = index_sources(collection, [open_source(junk)], encoder).to_json()
        found = search(collection, junk / GOOD[-2], encoder=encoder, with_itself=True).to_json()
    for values in (report, found):
        assert json.loads(json.dumps(values, ensure_ascii=False).encode("utf-8")) == values
    assert found["itself"][0]["uri"].endswith("latin-\\udce9\\udcff.png")
