"""One bound on memory for every image and every way in: bombs of each format are refused before they are decoded."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.images.limits import Room, pixels_needed, pixels_to_open, room

SIDE = 12_000  # 144 million pixels


def gif(frames: int = 1) -> bytes:
    buffer = io.BytesIO()
    more = [Image.new("P", (SIDE, SIDE), 1)] * (frames - 1)
    Image.new("P", (SIDE, SIDE)).save(buffer, "GIF", **({"save_all": True, "append_images": more} if more else {}))
    return buffer.getvalue()


def png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(SIDE * (SIDE + 1)), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def icon(inside: bytes) -> bytes:
    """An ICO file that states 16x16 pixels, whatever is inside."""
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inside), 22) + inside


def bitmap(height: int = SIDE) -> bytes:
    """A run-length-encoded bitmap without its file header, that ends where it begins."""
    return struct.pack("<IiiHHIIiiII", 40, SIDE, height, 1, 8, 1, 2, 0, 0, 2, 0) + bytes(8) + b"\0\1"


def bmp() -> bytes:
    return b"BM" + struct.pack("<IHHI", 64, 0, 0, 62) + bitmap()


def tga() -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 11, 0, 0, 0, 0, 0, SIDE, SIDE, 8, 0) + b"\xff\0" * (SIDE * SIDE // 128)


def tiff(tile: int | None = None) -> bytes:
    """A deflated TIFF of one strip, or of 16x16 pixels in one tile of another size."""
    side = SIDE if tile is None else 16
    data = zlib.compress(bytes((tile or SIDE) ** 2), 1)
    place = (322, tile), (323, tile), (324, 8), (325, len(data))
    tags = [(256, side), (257, side), (258, 8), (259, 8), (262, 1), (277, 1)]
    tags += [(273, 8), (278, side), (279, len(data))] if tile is None else [(tag, int(value or 0)) for tag, value in place]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags))
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def jpeg(side: int = SIDE, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def ppm() -> bytes:
    return f"P5 {SIDE} {SIDE} 255\n".encode() + bytes(1000)


def jpeg2000(stated: int = SIDE) -> bytes:
    """One tile of 16x16 pixels, whose codestream claims as many as a bomb; its header may state fewer."""
    buffer = io.BytesIO()
    Image.new("L", (16, 16)).save(buffer, "JPEG2000")
    data = bytearray(buffer.getvalue())
    size = data.index(b"\xff\x4f\xff\x51") + 8
    data[size : size + 8] = struct.pack(">II", SIDE, SIDE)
    header = data.index(b"ihdr") + 4
    data[header : header + 8] = struct.pack(">II", stated, stated)
    return bytes(data)


def psd() -> bytes:
    rows = struct.pack(">H", 1) + struct.pack(">H", 2) * SIDE + b"\x81\0" * SIDE
    return b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, SIDE, SIDE, 8, 1) + bytes(12) + rows


def heic() -> bytes:
    """Sixteen pixels a side, of which the header says more."""
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64))).save(buffer, quality=50)
    data = bytearray(buffer.getvalue())
    size = data.index(b"ispe") + 8
    data[size : size + 8] = struct.pack(">II", SIDE, SIDE)
    return bytes(data)


def jxl() -> bytes:
    pixels = np.zeros((SIDE, SIDE), dtype=np.uint8)
    return bytes(pytest.importorskip("pylibjxl").encode(pixels, effort=1))


def webp() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(buffer, "WEBP", lossless=True, quality=0, method=0)
    return buffer.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "gif": gif,
    "gif, two frames": lambda: gif(2),
    "png": png,
    "ico with a png": lambda: icon(png()),
    "ico with a bitmap": lambda: icon(bitmap(2 * SIDE)),
    "bmp": bmp,
    "tga": tga,
    "tiff": tiff,
    "tiff of one tile": lambda: tiff(SIDE),
    "jpeg, progressive": lambda: jpeg(progressive=True),
    "ppm, cut off": ppm,
    "jpeg 2000": jpeg2000,
    "jpeg 2000 with a small header": lambda: jpeg2000(16),
    "psd": psd,
    "heic": heic,
    "jpeg xl": jxl,
    "webp": webp,
}

# What `getrusage` gives counts the process that started this one, whose memory may have been larger.
PEAK = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024
"""
MEASURE = """
import sys
import numpy as np
from pathlib import Path
from PIL import Image
from podoba.errors import UnreadableImage
from podoba.images.decode import decode, load_pixels, picture_pixels, upright_picture
from podoba.images.locate import find_record
from podoba.images.resize import PixelRule

small, path = sys.argv[1:]
record = find_record(path)
ways = {
    "pixels": lambda record: load_pixels(record, PixelRule(32)).shape,
    "whole": lambda record: decode(record.open(), record.uri).size,
    "side": lambda record: decode(record.open(), record.uri, 64).size,
    "opened": lambda record: picture_pixels(Image.open(record.uri), record.uri, PixelRule(32)).shape,
    "upright": lambda record: upright_picture(Image.open(record.uri), record.uri).size,
}
for way in ways.values():
    way(find_record(small))
before = peak()
for name in WAYS:
    try:
        print(ways[name](record))
    except UnreadableImage as error:
        print(error)
print(peak() - before)
"""


def measured(path: Path, small: Path, *ways: str) -> tuple[list[str], int]:
    """What a process of its own says of an image by some ways in, and how many MB its memory grew by."""
    code = f"import warnings; warnings.simplefilter('ignore'); WAYS = {ways!r}\n{PEAK}{MEASURE}"
    *lines, grown = subprocess.check_output([sys.executable, "-c", code, str(small), str(path)], text=True).splitlines()
    return lines, int(grown)


LONG = ("jpeg xl", "webp")  # seconds each to write
measures = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")


@pytest.fixture
def small(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    return picture(tmp_path / "small.png", 0)


@measures
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.thorough] * (name in LONG)) for name in BOMBS])
def test_a_bomb_is_refused_in_one_line_and_little_memory(name: str, tmp_path: Path, small: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name]())
    lines, grown = measured(path, small, "pixels", "side")
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(f"{path}: ")
        assert "pixels, of which at most 100 million can be decoded: save a smaller copy, as JPEG" in line
    assert grown < 40


@measures
def test_no_way_in_has_no_bound(tmp_path: Path, small: Path) -> None:
    path = tmp_path / "bomb.gif"
    path.write_bytes(gif())
    assert path.stat().st_size < 120_000
    lines, grown = measured(path, small, "pixels", "whole", "side", "opened", "upright")
    assert lines == [f"{path}: 12000x12000 pixels, of which at most 100 million can be decoded: save a smaller copy, as JPEG"] * 5
    assert grown < 40


@measures
def test_a_large_jpeg_is_decoded_at_a_reduced_scale_in_little_memory(tmp_path: Path, small: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(jpeg())
    lines, grown = measured(path, small, "pixels", "side")
    assert lines == ["(32, 32, 3)", "(64, 64)"]
    assert grown < 60


THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from podoba.images.decode import load_pixels
from podoba.images.limits import DecodeLimits
from podoba.images.locate import find_record
from podoba.images.resize import PixelRule

limits = DecodeLimits(decoded=int(sys.argv[1]))
load_pixels(find_record(sys.argv[2]), PixelRule(32), limits=limits)
before = peak()
with ThreadPoolExecutor(8) as pool:
    shapes = list(pool.map(lambda _: load_pixels(find_record(sys.argv[2]), PixelRule(32), limits=limits).shape, range(24)))
assert shapes == [(32, 32, 3)] * 24
print(peak() - before)
"""


@measures
def test_threads_share_the_bound(tmp_path: Path) -> None:
    Image.new("RGB", (3000, 3000)).save(tmp_path / "many.png")  # 9 million pixels, 36 MB

    def grown(decoded: int) -> int:
        command = [sys.executable, "-c", PEAK + THREADS, str(decoded), str(tmp_path / "many.png")]
        return int(subprocess.check_output(command, text=True))

    assert grown(18_000_000) < 90  # two at a time, of which one was decoded before
    assert grown(100_000_000) > 150  # what it is where the limit lets all of them in


def test_pixels_held_at_a_time_are_bounded_and_a_large_picture_waits_its_turn() -> None:
    bounded, held, most, lock = Room(10), 0, 0, threading.Lock()

    def work(pixels: int) -> None:
        nonlocal held, most
        with bounded.hold(pixels):
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
    assert room(5) is room(5) is not room(6)


def test_other_pixels_are_taken_after_the_first_are_given_back() -> None:
    bounded = Room(10)
    with bounded.hold(6) as held:
        held.change(8)  # together they would never fit
        held.change(100)
    with bounded.hold(10):
        pass


def needed(data: bytes, *draft: int) -> int:
    with Image.open(io.BytesIO(data)) as opened:
        stated = opened.width * opened.height
        if draft:
            opened.draft("RGB", (draft[0], draft[0]))
        return pixels_needed(opened, data, stated)


def encoded(kind: str, size: tuple[int, int] = (800, 600), **options: object) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def test_what_a_decoder_takes() -> None:
    assert needed(encoded("JPEG")) == 800 * 600
    assert needed(encoded("JPEG"), 100) == 200 * 150
    assert needed(encoded("JPEG", progressive=True), 100) == 800 * 600
    assert needed(encoded("PNG"), 100) == 800 * 600
    assert needed(encoded("WEBP")) == 2 * 800 * 600
    assert needed(encoded("TIFF")) == 800 * 600
    assert needed(encoded("JPEG2000")) == 2 * 800 * 600
    assert needed(encoded("GIF")) == 800 * 600
    assert needed(encoded("GIF", save_all=True, append_images=[Image.new("RGB", (800, 600))])) == 3 * 800 * 600
    assert needed(encoded("ICO", (48, 48))) == 48 * 48
    assert [pixels_to_open(icon(inside)) for inside in (encoded("PNG"), bitmap(2 * SIDE))] == [800 * 600, SIDE * SIDE]
    assert pixels_to_open(encoded("ICO", (48, 48))) == 48 * 48
    assert (pixels_to_open(encoded("PNG")), pixels_to_open(icon(b"")), pixels_to_open(icon(b"")[:9])) == (0, 0, 0)


def test_a_jpeg_of_several_scans_is_held_whole_without_being_progressive() -> None:
    data = encoded("JPEG")
    scan = data.index(b"\xff\xda")
    one_component = data[:scan] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + data[scan + 14 :]
    assert needed(one_component, 100) == 800 * 600
    padded = data[:scan] + b"\xff\xff" + data[scan:]  # a marker may stand behind fill bytes
    assert needed(padded, 100) == 200 * 150
    assert needed(data[:scan] + b"\0" + data[scan:], 100) == 800 * 600  # what cannot be followed is taken for the worst
