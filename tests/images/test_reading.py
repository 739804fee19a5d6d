from __future__ import annotations

import io
import threading
import time

import numpy as np
import pytest
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.reading import read_batches
from podoba.images.record import ImageRecord, Skipped
from podoba.parallel import ahead


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
    batches = list(read_batches(map(record, range(23)), 4, "stretch", batch_size, workers, skipped))
    good = [i for i in range(23) if i % 5 != 3]
    assert [r.uri for records, _ in batches for r in records] == [f"u{i}" for i in good]
    assert [int(p[0, 0, 0]) for _, pixels in batches for p in pixels] == good
    assert all(len(records) == len(pixels) <= batch_size for records, pixels in batches)
    assert [s.uri for s in skipped] == ["u3", "u8", "u13", "u18"]


def test_no_more_than_the_window_is_read_ahead() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(i: int) -> int:
        with lock:
            begun.append(i)
        return i

    results = ahead(range(1000), work, workers=2, window=10)
    assert next(results) == 0
    time.sleep(0.05)
    assert len(begun) <= 12
    assert list(results) == list(range(1, 1000))


def test_other_errors_are_not_swallowed() -> None:
    def fail(i: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(ahead([1], fail))
    assert np.all(list(ahead([], fail)) == np.array([]))
