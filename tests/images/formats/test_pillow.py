"""Pillow's switches are as the program had them, and libtiff is silent."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
from PIL import Image, ImageFile

from podoba.images.formats.pillow import PillowSettings, silence_libtiff
from podoba.images.limits import LIMITS

TIFF = """
import io, sys
from PIL import Image
from podoba.errors import UnreadableImage
from podoba.images.decode import decode

buffer = io.BytesIO()
Image.effect_noise((90, 90), 60).save(buffer, "TIFF", compression="tiff_lzw")
data = bytearray(buffer.getvalue())
for place in range(200, len(data) - 400, 37):
    data[place] ^= 0x55
try:
    decode(bytes(data), "scan.tif")
except UnreadableImage as error:
    print(error)
"""


def test_pillow_is_as_the_program_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 77)
    inside, before = PillowSettings(), list(warnings.filters)
    with inside:
        with inside:
            pass
        assert (False, LIMITS.image // 2) == (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    assert (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS) == (True, 77)
    assert warnings.filters == before


def test_libtiff_writes_nothing_of_its_own() -> None:
    assert silence_libtiff()
    done = subprocess.run([sys.executable, "-c", TIFF], capture_output=True, text=True, check=True)
    assert done.stdout == "scan.tif: damaged: its contents cannot be decoded\n"
    assert done.stderr == ""
