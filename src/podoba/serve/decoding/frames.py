"""Messages between the server and a worker: a length-prefixed head of JSON and bytes, so that nothing in them can be code."""

import json
import struct
from typing import IO, Any

LENGTHS = struct.Struct("<IQ")


def write_frame(stream: IO[bytes], head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    """Write a message. Raises `OSError` where nobody reads it any longer."""
    text = json.dumps(head).encode()
    stream.write(LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message. Raises `EOFError` where the other side is gone."""
    text_length, body_length = LENGTHS.unpack(_read(stream, LENGTHS.size))
    head: dict[str, Any] = json.loads(_read(stream, text_length))
    return head, _read(stream, body_length)


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the other side is gone")
    return data
