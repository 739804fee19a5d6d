"""Tests of the pool of workers: bombs, deaths, and that pixels are those of indexing."""

from __future__ import annotations

import io
import os
import signal
import struct
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.errors import SourceError, UnreadableImage
from podoba.images.decode import decode_pixels
from podoba.images.resize import PixelRule
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.decoding.settings import DecodingSettings

RULE = PixelRule(8)
ALLOWED = 300 << 20  # bytes by which the server and its workers may grow

pytestmark = pytest.mark.slow


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    pool = Decoders(DecodingSettings(workers=2))
    yield pool
    pool.close()


def photograph(size: tuple[int, int] = (60, 40), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(2).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def test_pixels_are_those_of_indexing(decoders: Decoders) -> None:
    data = photograph()
    for box in (None, (3.0, 4.0, 30.0, 20.0)):
        found = decoders.pixels(data, RULE, box)
        assert (found.pixels == decode_pixels(data, "x", RULE, box).pixels).all()
        assert (found.width, found.height, found.format) == (60, 40, "PNG")


def test_a_preview_knows_the_image(decoders: Decoders) -> None:
    seen = decoders.preview(photograph(kind="WEBP"), 30)
    assert Image.open(io.BytesIO(seen.jpeg)).size == (30, 20)
    assert (seen.width, seen.height, seen.format) == (60, 40, "WEBP")
    assert Image.open(io.BytesIO(decoders.thumbnail(photograph(), "x", 15))).size == (15, 10)


def test_errors_have_the_name_and_the_reason(decoders: Decoders) -> None:
    with pytest.raises(UnreadableImage) as raised:
        decoders.pixels(b"%PDF-1.4", RULE, name="letter")
    assert raised.value.uri == "letter"
    with pytest.raises(SourceError, match="the picture: the box lies outside: the image has 60x40 pixels"):
        decoders.pixels(photograph(), RULE, (100, 100, 5, 5))


def test_a_large_picture_is_decoded_alone() -> None:
    pool = Decoders(DecodingSettings(workers=2, usual=1000, largest=100_000))
    try:
        assert pool.pixels(photograph((300, 200)), RULE).width == 300
        with pytest.raises(UnreadableImage, match=r"400x300 pixels, of which at most 0\.1 million"):
            pool.pixels(photograph((400, 300)), RULE)
    finally:
        pool.close()


def test_workers_start_when_they_are_needed_and_are_remade(decoders: Decoders) -> None:
    assert decoders.pids == []
    decoders.pixels(photograph(), RULE)
    (first,) = decoders.pids
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)
    assert decoders.pixels(photograph(), RULE).width == 60
    assert first not in decoders.pids


def test_one_that_takes_too_long_is_ended_and_the_next_picture_works() -> None:
    pool = Decoders(DecodingSettings(workers=1, seconds=4, watch=0.05))
    try:
        pool.pixels(photograph(), RULE)
        os.kill(pool.pids[0], signal.SIGSTOP)
        with pytest.raises(UnreadableImage, match="takes too long"):
            pool.pixels(photograph(), RULE)
        assert pool.pixels(photograph(), RULE).width == 60
    finally:
        pool.close()


def test_one_that_needs_too_much_memory_is_refused_and_the_next_picture_works() -> None:
    pool = Decoders(DecodingSettings(workers=1, memory=120 << 20))
    try:
        with pytest.raises(UnreadableImage):
            pool.pixels(png_of(7000, 7000), RULE)
        assert pool.pixels(photograph(), RULE).width == 60
    finally:
        pool.close()


def test_the_file_of_an_item_may_take_what_indexing_it_took() -> None:
    pool = Decoders(DecodingSettings(workers=1, memory=120 << 20))
    try:
        data = png_of(6000, 6000)
        with pytest.raises(UnreadableImage):
            pool.preview(data, 64)
        assert pool.preview(data, 64, indexed=True).width == 6000
        with pytest.raises(UnreadableImage):  # the next one that was sent has the usual memory again
            pool.preview(data, 64)
    finally:
        pool.close()


def test_nothing_is_decoded_after_the_end(decoders: Decoders) -> None:
    decoders.pixels(photograph(), RULE)
    (worker,) = decoders.pids
    decoders.close()
    with pytest.raises(UnreadableImage, match="closing"):
        decoders.pixels(photograph(), RULE)
    assert not Path(f"/proc/{worker}").exists() or "zombie" in Path(f"/proc/{worker}/status").read_text()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_bombs_do_not_swell_the_server_nor_its_workers(decoders: Decoders) -> None:
    decoders.pixels(photograph(), RULE)
    bombs = [png_of(30_000, 30_000), png_of(6900, 6900), gif_of(60_000, 60_000), webp_bomb(), tiff_bomb(), wide_tiff()]
    bombs.append(bmp_of(30_000, 30_000))
    before, most = memory_of([os.getpid(), *decoders.pids]), 0

    def bad(data: bytes) -> bool:
        try:
            decoders.pixels(data, RULE)
        except UnreadableImage:
            return True
        return False

    with ThreadPoolExecutor(16) as threads:
        waiting = [threads.submit(bad, bombs[i % len(bombs)]) for i in range(16)]
        while not all(one.done() for one in waiting):
            most = max(most, memory_of([os.getpid(), *decoders.pids]))
            time.sleep(0.005)
    refused = [one.result() for one in waiting]
    assert sum(refused) >= 11  # those that are merely large may be decoded
    assert most - before < ALLOWED
    assert decoders.pixels(photograph(), RULE).width == 60


def memory_of(pids: list[int]) -> int:
    """Resident bytes of processes, those that ended left out."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return total


def png_of(width: int, height: int) -> bytes:
    """A PNG of one colour, a few kilobytes or a megabyte that unfold to all its pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" + bytes(3 * width)
    packed = b"".join(packer.compress(row) for _ in range(min(height, 7000))) + packer.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def gif_of(width: int, height: int) -> bytes:
    """The beginning of a GIF that states so many pixels."""
    size = struct.pack("<HH", width, height)
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + size + b"\0\x02\x02L\x01\0;"


def bmp_of(width: int, height: int) -> bytes:
    """The beginning of a BMP that states so many pixels."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def webp_bomb() -> bytes:
    """A WebP of the largest side there is."""
    file = io.BytesIO()
    Image.new("RGB", (16_383, 4000)).save(file, "WEBP", lossless=True, method=0)
    return file.getvalue()


def wide_tiff() -> bytes:
    """A TIFF whose few kilobytes need seventeen bytes for each of its sixteen million pixels."""
    file = io.BytesIO()
    Image.fromarray(np.zeros((4000, 4000), np.float32)).save(file, "TIFF", compression="tiff_adobe_deflate")
    return file.getvalue()


def tiff_bomb() -> bytes:
    """A TIFF, packed, of more pixels than are decoded."""
    file = io.BytesIO()
    Image.new("L", (12_000, 12_000)).save(file, "TIFF", compression="tiff_adobe_deflate")
    return file.getvalue()
