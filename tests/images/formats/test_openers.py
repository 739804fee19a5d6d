"""Which decoders are allowed, and what they leave to others."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from podoba.errors import UnreadableImage
from podoba.images import kinds
from podoba.images.decode import decode, decode_pixels
from podoba.images.formats.openers import FORMATS, open_picture
from podoba.images.resize import PixelRule

Pixels = NDArray[np.uint8]


def encoded(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((60, 40), 60).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "PPM", "GIF"])
def test_a_picture_is_opened_and_not_decoded(kind: str) -> None:
    picture = open_picture(encoded(kind), "x")
    assert (picture.format, picture.size) == (kind, (60, 40))
    assert isinstance(picture, ImageFile)
    assert picture.tile  # what is left to decode


def test_other_decoders_are_not_asked() -> None:
    assert "EPS" not in FORMATS
    with pytest.raises(UnreadableImage, match=r"^x: a document, no picture$"):
        open_picture(encoded("EPS"), "x")


def test_a_tiff_is_not_turned_by_pillow() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(encoded("TIFF", exif=exif), "x")
    picture.load()
    assert picture.im.size == (60, 40)


COLORS = np.asarray(Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)).resize((96, 64)))


def heif(pixels: Pixels, **options: object) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(buffer, quality=-1, chroma=444, **options)
    return buffer.getvalue()


def jxl(pixels: Pixels, **options: object) -> bytes:
    return bytes(pytest.importorskip("pylibjxl").encode(pixels, lossless=True, **options))


def jpeg2000(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG2000")
    return buffer.getvalue()


def psd(pixels: Pixels, has_picture: bool = True, mode: int = 3) -> bytes:
    """Uncompressed, with the resource that tells whether the picture of all layers is in it."""
    high, wide, count = pixels.shape
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, count, high, wide, 8, mode)
    version = b"8BIM" + struct.pack(">H2xIIBx", 1057, 6, 1, has_picture)
    return (
        header + bytes(4) + struct.pack(">I", len(version)) + version + bytes(4) + bytes(2) + np.moveaxis(pixels, 2, 0).tobytes()
    )


RARE: dict[str, tuple[Callable[..., bytes], int]] = {  # and how far a level may be off
    "HEIF": (heif, 3),
    "JXL": (jxl, 0),
    "JPEG2000": (jpeg2000, 0),
    "PSD": (psd, 0),
}


@pytest.mark.parametrize("kind", RARE)
def test_rare_formats_are_read(kind: str) -> None:
    encode, most = RARE[kind]
    data = encode(COLORS)
    assert np.abs(np.asarray(decode(data, "x")).astype(int) - COLORS).max() <= most
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height, decoded.format) == (96, 64, kind)


@pytest.mark.parametrize("kind", RARE)
def test_rare_formats_that_are_cut_off_are_refused(kind: str) -> None:
    data = RARE[kind][0](COLORS)
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(UnreadableImage):
            decode_pixels(data[: int(share * len(data))], "x", PixelRule(8))


@pytest.mark.parametrize(("kind", "extra"), [("HEIF", "heic"), ("JXL", "jxl")])
def test_without_its_extra_a_picture_says_which_is_needed(kind: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = RARE[kind][0](COLORS)
    monkeypatch.setattr(kinds, "_is_installed", lambda module: False)
    with pytest.raises(UnreadableImage, match=rf"^x: .*: pip install 'podoba\[{extra}\]' reads them$"):
        decode(data, "x")


def test_the_decoders_of_extras_are_imported_for_their_pictures_alone() -> None:
    code = (
        "import sys\nfrom podoba.images.decode import decode\n"
        "decode(bytes.fromhex(sys.argv[1]), 'x')\n"
        "print([name for name in ('pillow_heif', 'pylibjxl') if name in sys.modules])\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code, encoded("PNG").hex()], text=True) == "[]\n"


def test_a_jpeg_in_jxl_is_turned_once() -> None:
    """Its decoder turns it, and gives the EXIF of the JPEG as it was."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Model 1"
    buffer = io.BytesIO()
    Image.fromarray(COLORS).save(buffer, "JPEG", quality=95, subsampling=0, exif=exif)
    turned = decode(buffer.getvalue(), "x")
    data = pytest.importorskip("pylibjxl").jpeg_to_jxl(buffer.getvalue())
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height, decoded.exif) == (64, 96, {"camera": "Model 1"})
    assert np.abs(np.asarray(decode(data, "x")).astype(int) - np.asarray(turned)).max() < 20


def test_a_heic_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Model 1"
    data = heif(COLORS, exif=exif.tobytes())
    decoded = decode_pixels(data, "x", PixelRule(8))
    assert (decoded.width, decoded.height, decoded.exif) == (64, 96, {"camera": "Model 1"})
    assert np.abs(np.asarray(decode(data, "x")).astype(int) - np.rot90(COLORS, -1)).max() <= 3


@pytest.mark.parametrize(("has_picture", "mode"), [(False, 3), (True, 7)])
def test_a_psd_without_the_picture_of_its_layers_is_refused(has_picture: bool, mode: int) -> None:
    with pytest.raises(UnreadableImage, match=r"^x: a PSD of layers alone or of spot colours: save it"):
        decode(psd(COLORS, has_picture, mode), "x")
