from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.reading import mapped_images, read_batches, read_small
from podoba.images.record import ImageRecord, Skipped
from podoba.images.resize import PixelRule


def record(i: int) -> ImageRecord:
    def read() -> bytes:
        if i % 5 == 3:
            raise UnreadableImage(f"u{i}", "broken")
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4), (i, 0, 0)).save(buffer, "PNG")
        return buffer.getvalue()

    return ImageRecord(f"{i:016x}", f"u{i}", None, read)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_order_is_kept_and_bad_images_are_named(workers: int, batch_size: int) -> None:
    skipped: list[Skipped] = []
    batches = list(read_batches(map(record, range(23)), PixelRule(4), batch_size, workers, skipped))
    good = [i for i in range(23) if i % 5 != 3]
    assert [r.uri for records, _ in batches for r in records] == [f"u{i}" for i in good]
    assert [int(p[0, 0, 0]) for _, pixels in batches for p in pixels] == good
    assert all(len(records) == len(pixels) <= batch_size for records, pixels in batches)
    assert [s.uri for s in skipped] == ["u3", "u8", "u13", "u18"]


def test_small_images_are_read_in_order_and_damaged_ones_stay_black() -> None:
    seen: list[tuple[str, int, int]] = []
    records = [record(i) for i in range(1, 24)]
    pixels, readable = read_small(records, 8, 3, lambda *step: seen.append(step))
    good = np.array([i % 5 != 3 for i in range(1, 24)])
    assert (pixels.shape, pixels.dtype) == ((23, 8, 8, 3), np.dtype(np.uint8))
    assert (readable == good).all()
    assert [int(square[4, 4, 0]) for square in pixels] == [i if i % 5 != 3 else 0 for i in range(1, 24)]
    assert seen == [("reading small images", 0, 23)]
    assert read_small([], 8)[0].shape == (0, 8, 8, 3)


def test_mapped_images_are_zeros_that_can_be_written() -> None:
    images = mapped_images(3, 5)
    assert (images.shape, images.dtype, int(images.max())) == ((3, 5, 5, 3), np.dtype(np.uint8), 0)
    images[2] = 7
    assert (images[2] == 7).all()
    assert mapped_images(0, 5).shape == (0, 5, 5, 3)
