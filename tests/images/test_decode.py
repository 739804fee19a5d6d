from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from podoba.errors import UnreadableImage
from podoba.images import decode as module
from podoba.images.decode import decode, load_pixels, resize
from podoba.images.record import ImageRecord


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


def test_large_jpegs_are_decoded_at_a_reduced_scale() -> None:
    data = encoded(gradient(1600, 1200), "JPEG", quality=95)
    small = decode(data, "x", 64)
    assert small.width < 1600
    assert min(small.size) >= 128
    whole = np.asarray(resize(decode(data, "x"), 64, "stretch")).astype(int)
    assert np.abs(np.asarray(resize(small, 64, "stretch")).astype(int) - whole).mean() < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_truncated_files_are_unreadable(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(UnreadableImage):
        decode(data[: len(data) // 2], "x")


@pytest.mark.parametrize("data", [b"", b"hello, this is text", b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_other_files_are_unreadable(data: bytes) -> None:
    reason = "not an image of a known format" if data else "the file is empty"
    with pytest.raises(UnreadableImage, match=f"name: {reason}"):
        decode(data, "name")


def test_a_decompression_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS", 1000)
    with pytest.raises(UnreadableImage, match="60x40 pixels"):
        decode(encoded(gradient(), "PNG"), "x")


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


def test_resize_rules() -> None:
    picture = gradient(60, 40)
    for rule in ("stretch", "crop", "pad"):
        assert resize(picture, 20, rule).size == (20, 20)  # type: ignore[arg-type]
    stretched = np.asarray(resize(picture, 20, "stretch")).astype(int)
    cropped = np.asarray(resize(picture, 20, "crop")).astype(int)
    padded = np.asarray(resize(picture, 20, "pad")).astype(int)
    assert stretched[10, 0, 0] < 20
    assert cropped[10, 0, 0] > 30
    assert (padded[0] == padded[0, 0]).all()


def test_load_pixels() -> None:
    record = ImageRecord("0" * 16, "x", None, lambda: encoded(gradient(), "PNG"))
    pixels = load_pixels(record, 24, "crop")
    assert (pixels.shape, pixels.dtype) == ((24, 24, 3), np.uint8)


def test_pixels_held_at_a_time_are_bounded_and_a_large_picture_waits_its_turn() -> None:
    import threading

    from podoba.images.decode import _Room

    room, held, most, lock = _Room(10), 0, 0, threading.Lock()

    def work(pixels: int) -> None:
        nonlocal held, most
        with room.hold(pixels):
            with lock:
                held += min(pixels, 10)
                most = max(most, held)
            threading.Event().wait(0.002)
            with lock:
                held -= min(pixels, 10)

    threads = [threading.Thread(target=work, args=(pixels,)) for pixels in (3, 4, 100, 5, 2, 10, 1, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 10
    assert held == 0


def test_decoded_pixels_are_those_of_decode_and_resize() -> None:
    from podoba.images.decode import decode_pixels

    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (300, 500, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file, "JPEG", exif=exif)
    found = decode_pixels(file.getvalue(), "x", 32, "pad")
    assert (found.width, found.height, found.format) == (300, 500, "JPEG")
    np.testing.assert_array_equal(found.pixels, np.asarray(resize(decode(file.getvalue(), "x", 32), 32, "pad")))
