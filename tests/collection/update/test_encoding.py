"""Encoding in bulk: every row in its order, its own descriptor, and no pixels kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.update.decoded_image import Picture, read_picture
from podoba.collection.update.diff import Found
from podoba.collection.update.encoding import encode_batches
from podoba.images.decode import load_pixels
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder


@pytest.fixture
def founds(tmp_path: Path, picture: Callable[..., Path]) -> list[Found]:
    """Eleven pictures and, as the fourth, a file that is none."""
    for i in range(12):
        picture(tmp_path / "photos" / f"{i:02}.png", i)
    (tmp_path / "photos" / "03.png").write_text("no image")
    return [Found(record, "") for record in open_source(tmp_path / "photos")]


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 1), (1, 5), (3, 2), (2, 100), (None, None)])
def test_each_row_has_its_own_descriptor(
    founds: list[Found], encoder: Encoder, workers: int | None, batch_size: int | None
) -> None:
    made = encode_batches(founds, lambda found: read_picture(found, encoder.card, ()), encoder, workers, batch_size)
    rows = [row for batch in made for row in batch]
    assert [row.picture.found for row in rows] == founds
    assert [place for place, row in enumerate(rows) if row.descriptor is None] == [3]
    for found, row in zip(founds, rows, strict=True):
        if row.descriptor is not None:
            alone = encoder.encode(load_pixels(found.record, encoder.card.input_size, encoder.card.resize)[None])[0]
            np.testing.assert_allclose(row.descriptor, alone, atol=1e-6)
    assert all(row.picture.pixels is None for row in rows)


def test_batches_are_encoded_beside_each_other(founds: list[Found], encoder: Encoder) -> None:
    together = threading.Barrier(2, timeout=30)  # passed only where two threads read at the same time

    def read(found: Found) -> Picture:
        together.wait()
        return read_picture(found, encoder.card, ())

    assert len(list(encode_batches(founds, read, encoder, workers=2, batch_size=1))) == 12
