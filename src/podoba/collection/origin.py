"""From an item's uri back to its bytes."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

from podoba.errors import PodobaError, UnreadableImage
from podoba.images.folders import read_file
from podoba.images.record import ImageRecord
from podoba.images.source import ImageSource, open_source, record_id


def find_record(uri: str) -> ImageRecord:
    """The record of an item of a collection; whether its image is still there shows when it is opened."""
    container, inside, _ = uri.partition("!/")
    if not inside:
        return ImageRecord(record_id(uri), uri, None, partial(read_file, Path(uri)))
    return ImageRecord(record_id(uri), uri, None, partial(_read_inside, container, uri))


@lru_cache(maxsize=4)
def _opened(container: str) -> tuple[ImageSource, dict[str, ImageRecord]]:
    source = open_source(container)
    return source, {record.uri: record for record in source.records}


def _read_inside(container: str, uri: str) -> bytes:
    try:
        record = _opened(container)[1].get(uri)
    except PodobaError as error:
        raise UnreadableImage(uri, str(error)) from error
    if record is None:
        raise UnreadableImage(uri, "no longer there")
    return record.open()
