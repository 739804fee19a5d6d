from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.errors import TrainingError
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.learn.data import pixels
from podoba.learn.data.pixels import open_pixels


def test_decoded_once_and_named_by_data_and_size(coloured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (coloured / "red" / "zz.png").write_bytes(b"broken")
    seen: list[tuple[str, int, int]] = []
    store = open_pixels(open_source(coloured), PixelRule(16), lambda *said: seen.append(said))
    assert seen[-1] == ("decoding", 61, 61)
    assert (store.images.shape, len(store.labels), len(store.skipped)) == ((60, 16, 16, 3), 60, 1)
    first = open_source(coloured).records[0]
    assert np.array_equal(store.images[0], np.asarray(Image.open(first.uri)))
    assert store.ids[0] == first.id

    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded a second time")

    monkeypatch.setattr(pixels, "read_batches", never)
    again = open_pixels(open_source(coloured), PixelRule(16))
    assert again.key == store.key
    assert np.array_equal(again.images, store.images)
    with pytest.raises(AssertionError):
        open_pixels(open_source(coloured), PixelRule(24))


def test_a_source_without_a_readable_image(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").write_bytes(b"broken")
    with pytest.raises(TrainingError, match=r"x\.png"):
        open_pixels(open_source(tmp_path / "a"), PixelRule(16))
