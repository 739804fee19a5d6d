"""Tests of pictures that were sent."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.settings import QuerySettings
from podoba.serve.queries.uploads import Uploads, shown_name

pytestmark = pytest.mark.slow


def test_an_upload_is_kept_by_its_bytes(decoders: Decoders, shapes: Path) -> None:
    data = (shapes / "circle" / "circle-00.jpg").read_bytes()
    uploads = Uploads(decoders, QuerySettings())
    sent = uploads.add(data, "C:\\photos\\circle.jpg")
    sha256 = hashlib.sha256(data).hexdigest()
    assert sent.to_json() == {"upload": sha256, "name": "circle.jpg", "width": 240, "height": 180, "format": "JPEG"}
    assert uploads.get(sha256) is sent
    assert uploads.add(data, "again.jpg").to_json() == sent.to_json() | {"name": "again.jpg"}
    assert uploads.bytes_kept == len(data)
    for side, size in ((384, (240, 180)), (1024, (240, 180))):
        assert Image.open(io.BytesIO(uploads.preview(sha256, side))).size == size


def test_only_so_many_bytes_are_kept(decoders: Decoders, shapes: Path) -> None:
    pictures = [path.read_bytes() for path in sorted(shapes.glob("*/*.jpg"))]
    uploads = Uploads(decoders, QuerySettings(upload_bytes=60_000))
    sent = [uploads.add(data) for data in pictures]
    assert uploads.bytes_kept <= 60_000
    assert uploads.get(sent[-1].sha256).data == pictures[-1]
    with pytest.raises(Problem) as raised:
        uploads.get(sent[0].sha256)
    assert (raised.value.status, raised.value.code) == (410, "upload_gone")


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"\xff\xd8\xff" + b"\0" * 99])
def test_what_is_no_picture_is_refused_with_the_reason(decoders: Decoders, data: bytes) -> None:
    uploads = Uploads(decoders, QuerySettings())
    with pytest.raises(Problem) as raised:
        uploads.add(data)
    assert (raised.value.status, raised.value.code) == (422, "unreadable_image")
    assert raised.value.more["reason"]
    assert uploads.bytes_kept == 0


@pytest.mark.parametrize(("width", "mode"), [(20_000, "1"), (9_000, "RGB")])
def test_what_needs_more_memory_than_there_is_is_called_too_large(decoders: Decoders, width: int, mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (width, width)).save(file, "PNG")
    with pytest.raises(Problem) as raised:
        Uploads(decoders, QuerySettings()).add(file.getvalue())
    assert (raised.value.status, raised.value.code) == (422, "picture_too_large")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("line\nbreak\0.jpg", "linebreak.jpg"),
        ("кіт і пес.jpg", "кіт і пес.jpg"),
        ("x" * 500, "x" * 200),
        ("/", ""),
    ],
)
def test_names_are_text_that_can_be_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown
