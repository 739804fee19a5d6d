"""Images that were left out, as a file."""

from __future__ import annotations

import io

import pytest

from podoba.scale.encoding.skipped import SkippedImage, read_skipped, skipped_text


def test_what_was_skipped_is_read_again() -> None:
    images = [SkippedImage("/a.jpg", "no image", "1-2", True), SkippedImage("/\udcff.jpg", "gone")]
    assert read_skipped(io.BytesIO(skipped_text("/", images).encode())) == images


@pytest.mark.parametrize("text", [b"", b"{}", b'{"skipped": [{"other": 1}]}', b"[]"])
def test_a_damaged_file_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_skipped(io.BytesIO(text))
