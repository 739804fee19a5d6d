"""What cameras write, and what broken or hostile files write instead."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.images.exif import exif_of, orientation_of, read_exif


def opened(make: Any = None, model: Any = None, time: Any = None, gps: dict[int, Any] | None = None) -> Image.Image:
    exif = Image.Exif()
    for tag, value in ((0x010F, make), (0x0110, model), (0x0132, time)):
        if value is not None:
            exif[tag] = value
    if gps is not None:
        exif.get_ifd(0x8825).update(gps)
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(file, "JPEG", exif=exif)
    return Image.open(file)


def test_a_picture_without_exif_has_none() -> None:
    assert read_exif(exif_of(Image.new("RGB", (2, 2)))) == {}


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("FUJIFILM", "X-T4", "FUJIFILM X-T4"),
        ("  ", "X", "X"),
        (None, "A" * 300, "A" * 100),
    ],
)
def test_cameras_are_named_once(make: str | None, model: str, expected: str) -> None:
    assert read_exif(exif_of(opened(make, model))) == {"camera": expected}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2020:01:02 03:04:05", "2020-01-02T03:04:05"),
        ("1969:07:20 20:17:40", "1969-07-20T20:17:40"),
        ("0000:00:00 00:00:00", None),
        ("yesterday", None),
    ],
)
def test_times_sort_as_text(time: str, expected: str | None) -> None:
    assert read_exif(exif_of(opened(time=time))).get("taken") == expected


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        ({1: "N", 2: (48.0, 27.0, 36.0), 3: "W", 4: (35.0, 0.0, 0.0)}, {"latitude": 48.46, "longitude": -35.0}),
        ({1: "N", 2: (448.0, 0.0, 0.0)}, {}),
        ({2: (48.0, 27.0, 36.0)}, {}),  # on which side of the equator is not said
    ],
)
def test_places_are_degrees(gps: dict[int, Any], expected: dict[str, float]) -> None:
    assert read_exif(exif_of(opened(gps=gps))) == expected


def test_rubbish_is_left_out() -> None:
    class Broken:
        def getexif(self) -> None:
            raise SyntaxError("not a TIFF file")

    assert read_exif(exif_of(Broken())) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(("written", "expected"), [(6, 6), (1, 1), (0, 1), (9, 1), ("6", 1), (None, 1)])
def test_an_orientation_is_a_number_from_1_to_8(written: Any, expected: int) -> None:
    exif = Image.Exif()
    if written is not None:
        exif[0x0112] = written
    assert orientation_of(exif) == expected
