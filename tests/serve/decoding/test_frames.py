"""Tests of the messages between the server and its workers."""

from __future__ import annotations

import io

import pytest

from podoba.serve.decoding.frames import LENGTHS, read_frame, write_frame


def test_a_message_comes_back_as_it_was_sent() -> None:
    stream = io.BytesIO()
    write_frame(stream, {"operation": "pixels", "name": "кіт"}, b"\0\xff" * 70_000)
    write_frame(stream, {})
    stream.seek(0)
    assert read_frame(stream) == ({"operation": "pixels", "name": "кіт"}, b"\0\xff" * 70_000)
    assert read_frame(stream) == ({}, b"")


@pytest.mark.parametrize("cut", [0, LENGTHS.size - 1, LENGTHS.size + 1, -1])
def test_half_a_message_is_the_end(cut: int) -> None:
    stream = io.BytesIO()
    write_frame(stream, {"a": 1}, b"body")
    with pytest.raises(EOFError):
        read_frame(io.BytesIO(stream.getvalue()[:cut]))
