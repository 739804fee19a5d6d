"""Named sets of images."""

from __future__ import annotations

import io

from podoba.errors import SourceError, require
from podoba.images.record import ImageRecord
from podoba.images.source import ImageSource, record_id

NAMES = ("digits",)


def open_named(name: str, split: str | None) -> ImageSource:
    """The images of a named set."""
    return _digits(split)


def _digits(split: str | None) -> ImageSource:
    """scikit-learn's 1,797 handwritten digits, 8x8 pixels, as PNG; every fifth is a test image."""
    from functools import partial

    from PIL import Image

    if split not in (None, "train", "test"):
        raise SourceError(f"digits has the splits train and test, not {split!r}")
    data = require("sklearn.datasets", "train").load_digits()

    def png(row: int) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray((data.images[row] * 15.9375).astype("uint8")).save(buffer, "PNG")
        return buffer.getvalue()

    records = []
    for row, label in enumerate(data.target):
        part = "test" if row % 5 == 4 else "train"
        uri = f"digits!/{row}"
        if split in (None, part):
            records.append(ImageRecord(record_id(uri), uri, str(label), partial(png, row), "1", part))
    return ImageSource("digits", records, f"digits {split}")
