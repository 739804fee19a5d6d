"""The card of a model file, read without opening the model: a large one takes seconds to open."""

import mmap
from collections.abc import Iterator
from pathlib import Path

from podoba.errors import ModelError
from podoba.models.card import CARD_KEY, Card

METADATA, KEY, VALUE = 14, 1, 2  # fields of an ONNX file: its metadata, and the name and text of each entry
VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5  # kinds of fields in the wire format of Protocol Buffers


def read_card(path: Path) -> Card:
    """The card in a model file. Raises `ModelError` for a file that is missing, damaged or has none."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for number, start, end in _fields(content, 0, len(content)):
                if number == METADATA:
                    entry = {key: content[begin:stop] for key, begin, stop in _fields(content, start, end)}
                    if entry.get(KEY) == CARD_KEY.encode():
                        return Card.from_json(entry[VALUE].decode())
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"{path}: damaged, or not an ONNX model ({error}): get or train the model anew") from error
    raise ModelError(f"{path}: an ONNX file without a podoba card: see `podoba models import`")


def _fields(content: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each counted field of a message; `ValueError` where it is none."""
    while start < end:
        tag, start = _varint(content, start)
        number, kind = tag >> 3, tag & 7
        if kind == COUNTED:
            size, start = _varint(content, start)
            if start + size > end:
                raise ValueError("a field ends behind the file")
            yield number, start, start + size
            start += size
        elif kind == VARINT:
            _, start = _varint(content, start)
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            start += 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError(f"no message of Protocol Buffers at byte {start}")


def _varint(content: mmap.mmap, start: int) -> tuple[int, int]:
    """A number in base 128, lowest digits first, and the place behind it."""
    number = shift = 0
    while True:
        byte = content[start]
        number, shift, start = number | (byte & 127) << shift, shift + 7, start + 1
        if byte < 128:
            return number, start
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
