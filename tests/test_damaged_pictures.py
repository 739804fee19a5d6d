"""Damaged pictures: whoever meets one says the same of it, and none is taken for what is left of it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from podoba.collection.collection import Collection, index_sources, search
from podoba.errors import UnreadableImage
from podoba.images.decode import decode, decode_pixels, picture_pixels
from podoba.images.record import Skipped
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.report.evaluate import encode_source

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpg": ("JPEG", {"quality": 85}),
    "jpeg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "webp": ("WEBP", {"lossless": True}),
    "bmp": ("BMP", {}),
    "tif": ("TIFF", {}),
    "tiff": ("TIFF", {"compression": "tiff_lzw"}),
    "ppm": ("PPM", {}),
    "tga": ("TGA", {"compression": "tga_rle"}),
    "ico": ("ICO", {"sizes": [(96, 64)]}),
    "avif": ("AVIF", {}),
    "jp2": ("JPEG2000", {}),
}
EXTRAS = [ending for ending, module in (("heic", "pillow_heif"), ("jxl", "pylibjxl")) if find_spec(module)]

ALL = [*KINDS, *EXTRAS]


def encoded(ending: str, seed: int) -> bytes:
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    picture, buffer = Image.fromarray(coarse).resize((96, 64), Image.Resampling.BICUBIC), io.BytesIO()
    if ending == "heic":
        import_module("pillow_heif").from_pillow(picture).save(buffer)
    elif ending == "jxl":
        buffer.write(import_module("pylibjxl").encode(np.asarray(picture)))
    else:
        kind, options = KINDS[ending]
        picture.save(buffer, kind, **options)
    return buffer.getvalue()


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """With bits flipped, or without its end, or with its end in zeros."""
    changed = bytearray(data)
    match rng.integers(0, 3):
        case 0:
            for _ in range(rng.integers(1, 4)):
                changed[rng.integers(0, len(changed))] ^= 1 << int(rng.integers(0, 8))
        case 1:
            del changed[rng.integers(1, len(changed)) :]
        case _:
            start = int(rng.integers(1, len(changed)))
            changed[start:] = bytes(len(changed) - start)
    return bytes(changed)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_model("small")


@pytest.fixture
def truncated_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a library that a program uses beside this one may leave it."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    yield
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.sampled_from(ALL), st.integers(0, 2**32))
def test_index_search_evaluate_and_check_say_the_same(encoder: Encoder, ending: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        folder.mkdir()
        paths = [folder / f"{number}.{ending}" for number in range(12)]
        for number, path in enumerate(paths):
            path.write_bytes(encoded(ending, number))
        with Collection.open(Path(place, "before.podoba"), create=True) as before:
            assert index_sources(before, [open_source(folder)], encoder).added == len(paths)
            for path in paths[2:]:
                path.write_bytes(damaged(path.read_bytes(), rng))
            checked = {line.partition(": ")[0] for line in before.check(images=True)}
            searched = {str(path) for path in paths if not _can_be_searched(before, path, encoder)}
        with Collection.open(Path(place, "after.podoba"), create=True) as after:
            index_sources(after, [open_source(folder)], encoder)
            indexed = {str(path) for path in paths} - {item.uri for item in after.items()}
        skipped: list[Skipped] = []
        encode_source(encoder, open_source(folder), skipped=skipped)
        assert indexed == searched == {row.uri for row in skipped} == checked
        assert not checked & {str(path) for path in paths[:2]}


def _can_be_searched(collection: Collection, path: Path, encoder: Encoder) -> bool:
    try:
        return bool(search(collection, path, encoder=encoder))
    except UnreadableImage:
        return False


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ALL), st.integers(0, 2**32))
def test_the_verdict_is_the_same_at_every_size(ending: str, seed: int) -> None:
    data = damaged(encoded(ending, seed % 100), np.random.default_rng(seed))
    verdicts = {
        _verdict(lambda: decode(data, "x")),
        _verdict(lambda: decode(data, "x", 8)),
        *(_verdict(lambda size=size: decode_pixels(data, "x", PixelRule(size))) for size in (4, 32, 300)),
        _verdict(lambda: decode_pixels(data, "x", PixelRule(4, "crop"), (0, 0, 60, 40))),
    }
    assert len(verdicts) == 1


def _verdict(work: Any) -> str:
    try:
        work()
        return "read"
    except UnreadableImage as error:
        return error.reason


def test_no_png_with_a_flipped_bit_is_read(truncated_allowed: None) -> None:
    """Forty copies were once taken for pictures that are black from where the bit was flipped."""
    good, rng = encoded("png", 1), np.random.default_rng(1)
    start, end = good.index(b"IDAT") + 4, good.index(b"IEND") - 8
    for _ in range(40):
        data = bytearray(good)
        data[rng.integers(start, end)] ^= 1 << int(rng.integers(0, 8))
        with pytest.raises(UnreadableImage, match=r"^x: damaged: its contents cannot be decoded$"):
            decode_pixels(bytes(data), "x", PixelRule(32))


@pytest.mark.parametrize("ending", ALL)
def test_no_picture_that_is_cut_off_is_read(ending: str, truncated_allowed: None) -> None:
    good = encoded(ending, 2)
    for share in (0.05, 0.3, 0.6, 0.9):
        data = good[: int(share * len(good))]
        with pytest.raises(UnreadableImage):
            decode_pixels(data, "x", PixelRule(8))


@pytest.mark.parametrize("ending", ["jpg", "png", "gif", "bmp", "tif", "ppm", "tga"])
def test_a_damaged_picture_of_a_program_stays_damaged(ending: str, truncated_allowed: None) -> None:
    """Pillow itself gives what it has of it, once it has failed."""
    good = encoded(ending, 3)
    with Image.open(io.BytesIO(good[: 9 * len(good) // 10])) as opened:
        for _ in range(3):
            with pytest.raises(UnreadableImage):
                picture_pixels(opened, "x", PixelRule(8))
