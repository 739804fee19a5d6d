from __future__ import annotations

import io
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from podoba.errors import SourceError, UnreadableImage
from podoba.images.decode import decode, decode_pixels, load_pixels, picture_pixels, upright_picture
from podoba.images.limits import DecodeLimits
from podoba.images.record import ImageRecord
from podoba.images.resize import PixelRule, resize


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def gradient(width: int = 60, height: int = 40) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], axis=2).astype(np.uint8))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_known_formats(kind: str) -> None:
    picture = decode(encoded(gradient(), kind), "x")
    assert (picture.mode, picture.size) == ("RGB", (60, 40))
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(gradient()).astype(int)).mean() < 12


@pytest.mark.parametrize("kind", ["AVIF", "ICO", "TGA", "MPO"])
def test_rarer_formats(kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    options = {"save_all": True, "append_images": [gradient(64, 64)]} if kind == "MPO" else {}
    picture = decode(encoded(gradient(64, 64), kind, **options), "x")
    assert (picture.mode, picture.size) == ("RGB", (64, 64))
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(gradient(64, 64)).astype(int)).mean() < 12


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "RGBA", "LA", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    grey = Image.new("L", (8, 8), 128)
    picture = Image.fromarray(np.full((8, 8), 128 * 257, dtype=np.uint16)) if mode == "I;16" else grey.convert(mode)
    pixels = np.asarray(decode(encoded(picture, "TIFF"), "x"))
    assert pixels.shape == (8, 8, 3)
    if mode != "1":
        assert abs(int(pixels[4, 4, 0]) - 128) <= 2


def test_transparent_parts_become_white() -> None:
    assert np.asarray(decode(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"), "x")).min() == 255


def test_exif_orientation_is_honoured() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(gradient(), "JPEG", exif=exif), "x").size == (40, 60)


def test_an_exact_rule_takes_a_large_jpeg_at_its_full_scale() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (400, 600, 3), dtype=np.uint8))
    data = encoded(noise, "JPEG")
    for rule in (PixelRule(32, exact=True), PixelRule(32, "crop", 36, "bilinear", exact=True)):
        np.testing.assert_array_equal(decode_pixels(data, "x", rule).pixels, resize(decode(data, "x"), rule))
    few = DecodeLimits(decoded=400 * 300)  # too few to decode it whole
    reduced = decode_pixels(data, "x", PixelRule(32, exact=True), limits=few).pixels.astype(int)
    assert np.abs(reduced - np.asarray(resize(decode(data, "x"), PixelRule(32, exact=True)))).mean() < 9
    assert (decode_pixels(data, "x", PixelRule(32)).pixels != np.asarray(resize(decode(data, "x"), PixelRule(32)))).any()


@pytest.mark.parametrize("exif", [{}, {0x0112: 6}])
def test_large_jpegs_are_decoded_at_a_reduced_scale(exif: dict[int, int]) -> None:
    written = Image.Exif()
    written.update(exif)
    data = encoded(gradient(1600, 1200), "JPEG", quality=95, exif=written)
    limits = DecodeLimits(decoded=400 * 300)
    with pytest.raises(UnreadableImage, match="1600x1200 pixels"):
        decode(data, "x", limits=limits)
    for rule in (PixelRule(64), PixelRule(64, "crop"), PixelRule(64, "pad"), PixelRule(64, "crop", 72)):
        small = decode_pixels(data, "x", rule, limits=limits).pixels
        whole = np.asarray(resize(decode(data, "x"), rule))
        assert np.abs(small.astype(int) - whole.astype(int)).mean() < 2


def test_a_picture_is_made_as_small_as_wanted_and_never_larger() -> None:
    data = encoded(gradient(1600, 1200), "JPEG", quality=95)
    small = decode(data, "x", 64, DecodeLimits(decoded=400 * 300))
    assert small.size == (64, 48)
    whole = np.asarray(decode(data, "x").resize((64, 48), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(np.asarray(small).astype(int) - whole).mean() < 2
    assert decode(encoded(gradient(60, 40), "PNG"), "x", 64).size == (60, 40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_truncated_files_are_unreadable(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(UnreadableImage):
        decode(data[: len(data) // 2], "x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello, this is text", "not an image of a known format"),
        (b"%PDF-1.4", "a document, no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing: save it as PNG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged: its contents cannot be decoded"),
    ],
)
def test_other_files_are_unreadable(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImage, match=f"^name: {reason}$"):
        decode(data, "name")


def test_more_pixels_than_the_limits_allow_are_refused_before_they_are_decoded() -> None:
    picture, data = gradient(), encoded(gradient(), "PNG")
    reason = "x: 60x40 pixels, of which at most 0.001 million can be decoded: save a smaller copy, as JPEG"
    for limits in (DecodeLimits(decoded=1000), DecodeLimits(image=1000)):
        with pytest.raises(UnreadableImage) as caught:
            decode(data, "x", limits=limits)
        assert str(caught.value) == reason
    record = ImageRecord("0" * 16, "x", None, lambda: data)
    few = DecodeLimits(decoded=1000)
    for refused in (
        lambda: load_pixels(record, PixelRule(8), limits=few),
        lambda: decode(data, "x", 8, few),
        lambda: picture_pixels(picture, "x", PixelRule(8), limits=few),
        lambda: picture_pixels(np.asarray(picture), "x", PixelRule(8), limits=few),
        lambda: upright_picture(picture, "x", few),
    ):
        with pytest.raises(UnreadableImage, match=re.escape(reason)):
            refused()


def test_what_a_decoder_said_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="podoba")
    with pytest.raises(UnreadableImage, match=r"^x: cut off: the end of the file is missing$"):
        decode(encoded(gradient(), "BMP")[:-9], "x")
    assert "x: OSError: image file is truncated" in caplog.text


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"]), st.data())
def test_damaged_bytes_decode_or_are_unreadable(kind: str, data: st.DataObject) -> None:
    good = bytearray(encoded(gradient(16, 12), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        outcome = decode(bytes(good[: data.draw(st.integers(0, len(good)))]), "x").mode
    except UnreadableImage as error:
        outcome = error.reason
    assert outcome
    assert "\n" not in outcome


def test_load_pixels() -> None:
    record = ImageRecord("0" * 16, "x", None, lambda: encoded(gradient(), "PNG"))
    pixels = load_pixels(record, PixelRule(24, "crop"))
    assert pixels.shape == (24, 24, 3)
    assert pixels.dtype == np.uint8


def test_decoded_pixels_are_those_of_decode_and_resize() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    noise = np.random.default_rng(0).integers(0, 256, (300, 500, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG", exif=exif)
    decoded = decode_pixels(data, "x", PixelRule(160, "pad"))
    assert (decoded.width, decoded.height, decoded.format) == (300, 500, "JPEG")
    np.testing.assert_array_equal(decoded.pixels, np.asarray(resize(decode(data, "x"), PixelRule(160, "pad"))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_width_and_height_are_those_of_the_upright_image(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode_pixels(encoded(gradient(60, 40), kind, exif=exif), "x", PixelRule(8))
    assert (decoded.width, decoded.height, decoded.format) == (40, 60, kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_box_is_cut_from_the_upright_image_at_any_scale(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(gradient(1600, 1200), kind, exif=exif)
    whole = decode(data, "x")
    box = (300.0, 200.0, 480.0, 640.0)
    part = np.asarray(resize(whole.crop((300, 200, 780, 840)), PixelRule(20))).astype(int)
    boxed = decode_pixels(data, "x", PixelRule(20), box)
    assert (boxed.width, boxed.height) == whole.size
    assert np.abs(boxed.pixels.astype(int) - part).mean() < 2
    assert np.abs(picture_pixels(whole, "x", PixelRule(20), box).astype(int) - part).mean() < 1
    corner = decode_pixels(data, "x", PixelRule(20), (-10, -10, 11, 11)).pixels  # one pixel of it lies inside
    assert np.abs(corner.astype(int) - np.asarray(whole)[0, 0].astype(int)).max() <= 3
    for outside in ((2000, 0, 5, 5), (-5, -5, 5, 5)):
        with pytest.raises(SourceError, match=f"x: the box lies outside: the image has {whole.width}x{whole.height} pixels"):
            decode_pixels(data, "x", PixelRule(20), outside)


def test_a_picture_of_a_program_is_decoded_with_the_same_care(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    for shown in (noise, Image.fromarray(noise), noise[:, ::-1][:, ::-1]):
        np.testing.assert_array_equal(np.asarray(upright_picture(shown, "x")), noise)
        expected = np.asarray(resize(Image.fromarray(noise), PixelRule(16, "crop")))
        np.testing.assert_array_equal(picture_pixels(shown, "x", PixelRule(16, "crop")), expected)
    (tmp_path / "cut.jpg").write_bytes(encoded(Image.fromarray(noise), "JPEG")[:-900])
    with Image.open(tmp_path / "cut.jpg") as cut, pytest.raises(UnreadableImage, match=r"^mine: cut off"):
        picture_pixels(cut, "mine", PixelRule(16, "crop"))


def test_threads_leave_the_warnings_of_the_program_as_they_were() -> None:
    data = encoded(Image.new("P", (9, 9), 1), "PNG", transparency=bytes(200))
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda _: decode(data, "x").size, range(200)))
    assert pictures == [(9, 9)] * 200
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", UserWarning, stacklevel=1)
