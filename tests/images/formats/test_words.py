"""What people are told of a picture that cannot be decoded."""

from __future__ import annotations

import pytest

from podoba.images.formats.words import CUT_OFF, DAMAGED, UNKNOWN, UNUSUAL, meaning_of, what_it_is


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError("image file is truncated (27 bytes not processed)"), CUT_OFF),
        (SyntaxError("Failed to decode frame 0: Truncated data"), CUT_OFF),
        (OSError("could not create decoder object"), DAMAGED),
        (TypeError("function takes at most 14 arguments (17 given)"), DAMAGED),
        (OSError("broken data stream when reading image file"), DAMAGED),
        (OSError("unrecognized data stream contents when reading image file"), DAMAGED),
        (OSError("decoder error -2"), DAMAGED),
        (ValueError("Error -3 while decompressing data: invalid distance too far back"), DAMAGED),
        (OSError("Unsupported BMP compression (5)"), UNUSUAL),
        (SyntaxError("unknown pixel mode"), UNUSUAL),
        (ValueError("Decompressed data too large for x"), "damaged: it claims more data than a picture has"),
        (MemoryError(), "too large for the memory"),
        (RuntimeError("Memory allocation error: Unspecified: Allocating 146313231 bytes failed"), "too large for the memory"),
    ],
)  # fmt: skip
def test_errors_in_words(error: Exception, expected: str) -> None:
    assert meaning_of(error) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xd8\xff\xe0broken", DAMAGED),
        (b"\0\0\0\x1cftypheic", DAMAGED),
        (b"\0\0\0\x1cftypmp42", "a video: save frames of it as pictures"),
        (b"%PDF-1.7", "a document, no picture"),
        (b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg xmlns="x">', "an SVG drawing: save it as PNG"),
        (b"<!DOCTYPE html><html>404", "a web page, no picture"),
        (b"PK\x03\x04", "an archive, no picture"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer: fetch the picture by `git lfs pull`"),
        (b"text", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_other_files_are_named(data: bytes, expected: str) -> None:
    assert what_it_is(data) == expected
