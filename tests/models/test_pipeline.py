"""Images to descriptors: every row in its order with its own descriptor, batches beside each other, nothing piled up."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.record import ImageRecord, Skipped
from podoba.models.encoder import NO_DESCRIPTOR, Encoder
from podoba.models.pipeline import PipelineSettings, encode_images, encode_rows

SIZE, DIM = 8, 192
MakeModel = Callable[..., Path]
Rows = list[tuple[int, np.ndarray | None]]


@pytest.fixture
def encoder(make_model: MakeModel) -> Encoder:
    return Encoder(make_model())


def images_of(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def never(row: Any) -> Any:
    """For rows of all of which the model has a descriptor."""
    raise AssertionError(f"{row} is without a descriptor")


def record(place: int, data: bytes) -> ImageRecord:
    return ImageRecord(f"{place:016x}", f"/pictures/{place}.png", None, partial(bytes, data))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 1), (1, 5), (3, 2), (2, 100), (None, None)])
def test_each_row_has_its_own_descriptor(encoder: Encoder, workers: int | None, batch_size: int | None) -> None:
    images = images_of(13)
    rows: Rows = [(i, None if i in (3, 12) else image) for i, image in enumerate(images)]
    made = list(encode_rows(rows, lambda row: row, encoder, never, workers=workers, batch_size=batch_size))
    assert max(map(len, made)) <= (batch_size or 64)
    assert [place for batch in made for place, _ in batch] == list(range(13))
    for place, descriptor in (row for batch in made for row in batch):
        if place in (3, 12):
            assert descriptor is None
        else:
            assert descriptor is not None
            np.testing.assert_allclose(descriptor, encoder.encode(images[place : place + 1])[0], atol=1e-6)
    assert list(encode_rows([], lambda row: row, encoder, never, workers=workers, batch_size=batch_size)) == []


def test_batches_are_encoded_beside_each_other(encoder: Encoder) -> None:
    together = threading.Barrier(2, timeout=30)  # passed only where two threads read at the same time

    def read(row: int) -> tuple[int, np.ndarray]:
        together.wait()
        return row, images_of(1)[0]

    assert len(list(encode_rows(range(12), read, encoder, never, workers=2, batch_size=1))) == 12
    assert len(list(encode_rows(range(2), read, encoder, never, workers=2, batch_size=2))) == 1


def test_one_row_is_read_in_the_thread_that_asks(encoder: Encoder) -> None:
    images = images_of(1)
    [[(thread, _)]] = encode_rows([0], lambda _: (threading.current_thread(), images[0]), encoder, never)
    assert thread is threading.current_thread()


def test_no_more_batches_are_begun_than_the_settings_say(encoder: Encoder) -> None:
    begun: list[int] = []

    def read(row: int) -> tuple[int, np.ndarray]:
        begun.append(row)
        return row, images[0]

    images = images_of(1)
    made = encode_rows(range(1000), read, encoder, never, workers=2, batch_size=5, settings=PipelineSettings(batches_ahead=3))
    assert [row for row, _ in next(made)] == list(range(5))
    threading.Event().wait(0.1)
    assert len(begun) <= (2 * 3 + 1) * 5
    made.close()  # type: ignore[attr-defined]


def test_an_error_of_reading_ends_the_work(encoder: Encoder) -> None:
    def read(row: int) -> tuple[int, np.ndarray]:
        if row == 7:
            raise ZeroDivisionError
        return row, images_of(1)[0]

    for rows in (range(7, 8), range(8), range(100)):
        with pytest.raises(ZeroDivisionError):
            list(encode_rows(rows, read, encoder, never, workers=2, batch_size=8))


def test_batches_are_as_large_as_memory_allows() -> None:
    settings = PipelineSettings()
    assert [settings.batch_of(side) for side in (32, 224, 384, 2000)] == [64, 16, 5, 4]
    assert [settings.at_once(side, 2) for side in (32, 224, 384, 2000)] == [784, 16, 5, 1]


def test_a_source_is_encoded_in_order_and_unreadable_images_are_named(encoder: Encoder, caplog: pytest.LogCaptureFixture) -> None:
    images = images_of(40)
    records = [record(i, b"not an image" if i in (3, 39) else png(pixels)) for i, pixels in enumerate(images)]

    def missing() -> bytes:
        raise UnreadableImage("/pictures/gone.png", "no such file")

    records.append(ImageRecord("f" * 16, "/pictures/gone.png", None, missing))
    skipped: list[Skipped] = []
    made = list(encode_images(iter(records), encoder, skipped, workers=3, batch_size=7))
    kept = [i for i in range(40) if i not in (3, 39)]
    assert [record.uri for batch, _ in made for record in batch] == [f"/pictures/{i}.png" for i in kept]
    np.testing.assert_array_equal(np.concatenate([part for _, part in made]), encoder.encode(images[kept]))
    assert [row.uri for row in skipped] == ["/pictures/3.png", "/pictures/39.png", "/pictures/gone.png"]
    assert all(row.reason for row in skipped)
    assert caplog.messages == []
    assert list(encode_images([records[-1]], encoder)) == []
    assert caplog.messages == ["skipped: /pictures/gone.png: no such file"]


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 1), (2, 3), (2, 100)])
def test_an_image_without_a_descriptor_is_skipped_and_named(make_model: MakeModel, workers: int, batch_size: int) -> None:
    encoder = Encoder(make_model(grey=128.0))
    images = images_of(9)
    images[[0, 5]] = 128
    skipped: list[Skipped] = []
    records = [record(i, b"no image" if i == 3 else png(pixels)) for i, pixels in enumerate(images)]
    made = list(encode_images(records, encoder, skipped, workers=workers, batch_size=batch_size))
    kept = [1, 2, 4, 6, 7, 8]
    assert [record.uri for batch, _ in made for record in batch] == [f"/pictures/{i}.png" for i in kept]
    np.testing.assert_allclose(np.concatenate([part for _, part in made]), encoder.encode(images[kept]), atol=1e-6)
    assert [row.uri for row in skipped] == ["/pictures/0.png", "/pictures/3.png", "/pictures/5.png"]
    assert [row.reason == NO_DESCRIPTOR for row in skipped] == [True, False, True]


def test_files_are_decoded_at_the_size_of_the_model(make_model: MakeModel, tmp_path: Path) -> None:
    encoder = Encoder(make_model(resize="crop"))
    wide = np.zeros((SIZE, 3 * SIZE, 3), np.uint8)
    wide[:, SIZE : 2 * SIZE] = 255
    [(_, descriptors)] = encode_images([record(0, png(wide))], encoder)
    np.testing.assert_allclose(descriptors, encoder.encode(np.full((1, SIZE, SIZE, 3), 255, np.uint8)), atol=1e-2)
