"""The pictures of items: thumbnails, and the files themselves where a browser shows their kind."""

import hashlib
import urllib.parse
from collections.abc import Mapping
from typing import NamedTuple

from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.locate import find_record
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import name_of
from podoba.serve.queries.opened import OpenedCollection
from podoba.serve.queries.uploads import readable, shown_name

KINDS: Mapping[str, tuple[bytes, int, bytes]] = {  # what a browser shows: how the file begins, and more at a place
    "image/jpeg": (b"\xff\xd8\xff", 0, b""),
    "image/png": (b"\x89PNG\r\n\x1a\n", 0, b""),
    "image/gif": (b"GIF8", 4, b""),
    "image/webp": (b"RIFF", 8, b"WEBP"),
    "image/avif": (b"", 4, b"ftypavif"),
    "image/bmp": (b"BM", 0, b""),
}
SHIELD = {  # whatever a file hides, nothing in it runs
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Original(NamedTuple):
    """The file of an item, and what it is."""

    data: bytes
    kind: str
    headers: Mapping[str, str]


def thumbnail(opened: OpenedCollection, item: Item, side: int) -> bytes:
    """A JPEG of an item. Raises `Problem`: its file is gone, or cannot be read."""
    try:
        return opened.thumbnails.of(item, side)
    except UnreadableImage as error:
        data_of(item)
        raise Problem(422, "unreadable_image", "the file of this picture cannot be read") from error


def preview(decoders: Decoders, item: Item, side: int) -> bytes:
    """A larger JPEG of an item, made anew, for what a browser cannot show. Raises `Problem`, as `thumbnail`."""
    data = data_of(item)
    with readable():
        return decoders.preview(data, side, indexed=True).jpeg


def original(item: Item, most: int) -> Original:
    """The file of an item as it was indexed.

    Raises:
        Problem: it is gone, has changed since it was indexed, is too large, or is of a kind that browsers do not show.
    """
    data = data_of(item)
    if len(data) > most:
        raise Problem(413, "too_large", f"this file has more than {most} bytes", limit=most)
    if item.content and hashlib.sha256(data).hexdigest() != item.content:
        raise Problem(409, "file_changed", "the file has changed since it was indexed: bring the collection up to date")
    kind = kind_of(data)
    if kind is None:
        raise Problem(415, "not_shown", "browsers do not show pictures of this kind: ask for a preview")
    quoted = urllib.parse.quote(shown_name(name_of(item.uri)) or "picture")
    return Original(data, kind, SHIELD | {"Content-Disposition": f"inline; filename*=UTF-8''{quoted}"})


def data_of(item: Item) -> bytes:
    """The bytes of an item's image. Raises `Problem` 410 where they cannot be read."""
    try:
        return find_record(item.uri).open()
    except UnreadableImage as error:
        raise Problem(410, "file_gone", "the file of this picture is gone, or cannot be read any more") from error


def kind_of(data: bytes) -> str | None:
    """The media type of a file by how it begins; None for one that browsers do not show as a picture."""
    for kind, (beginning, place, then) in KINDS.items():
        if data.startswith(beginning) and data[place : place + len(then)] == then:
            return kind
    return None
