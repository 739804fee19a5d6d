"""The pictures of a page: small, taken once, and no more than there is room for."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
from PIL import Image

from podoba.images.record import ImageRecord
from podoba.report.study.show.pictures import SIDE, Pictures, data_uri, picture_name


def record(picture: Image.Image | None, name: str) -> ImageRecord:
    def read() -> bytes:
        if picture is None:
            return b"nothing"
        out = io.BytesIO()
        picture.save(out, "PNG")
        return out.getvalue()

    return ImageRecord(name, name, "a", read)


def decoded(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_pictures_are_made_small_and_never_larger() -> None:
    large, small = data_uri(record(Image.new("RGB", (200, 100), "red"), "l")), data_uri(record(Image.new("RGB", (20, 30)), "s"))
    assert large is not None
    assert small is not None
    assert decoded(large).size == (SIDE, SIDE // 2)
    assert decoded(small).size == (20, 30)
    assert data_uri(record(None, "broken")) is None


def test_each_picture_is_taken_once_until_there_is_no_more_room() -> None:
    opened: list[str] = []

    def counted(one: ImageRecord) -> ImageRecord:
        def read() -> bytes:
            opened.append(one.id)
            return one.open()

        return replace(one, open=read)

    rng = np.random.default_rng(0)
    records = []
    for i in range(20):
        one = record(Image.fromarray(rng.integers(0, 255, (32, 32, 3)).astype(np.uint8)), str(i))
        records.append(counted(one))
    pictures = Pictures()
    pictures.add(None, records, [5, 3, 5])
    pictures.add(None, records, [3, 7])
    assert list(pictures.uris) == ["q-5", "q-3", "q-7"]
    assert sorted(opened) == ["3", "5", "7"]
    room = sum(len(uri) for uri in pictures.uris.values())
    few = Pictures(most_bytes=room)
    few.add(None, records, [5, 3, 7, 9, 11])
    assert list(few.uris) == ["q-5", "q-3", "q-7"]
    assert few.full


def test_pictures_of_galleries_have_names_of_their_own() -> None:
    pictures = Pictures()
    records = [record(Image.new("RGB", (8, 8)), "a")]
    pictures.add(None, records, [0])
    pictures.add(0, records, [0])
    pictures.add(1, records, [0])
    assert list(pictures.uris) == [picture_name(None, 0), picture_name(0, 0), picture_name(1, 0)] == ["q-0", "g0-0", "g1-0"]
