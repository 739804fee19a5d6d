"""From an item's uri back to its bytes."""

import os
from functools import lru_cache, partial
from pathlib import Path

from podoba.errors import PodobaError, UnreadableImage
from podoba.images.record import ImageRecord
from podoba.images.sources.base import file_stamp, read_file, record_id
from podoba.images.sources.open import open_source

INSIDE = "!/"  # between a container and the name of an image in it


def container_of(uri: str) -> str | None:
    """The archive, table or named set that an image is in; None for an image file.

    A folder whose name ends in an exclamation mark is no container.
    """
    if not os.path.isabs(uri):
        return uri.partition(INSIDE)[0] if INSIDE in uri else None
    place = uri.find(INSIDE)
    while place >= 0:
        if os.path.isfile(uri[:place]):
            return uri[:place]
        place = uri.find(INSIDE, place + 1)
    return None


def find_record(uri: str) -> ImageRecord:
    """The record of an item of a collection; whether its image is still there shows when it is opened."""
    container = container_of(uri)
    if container is None:
        return ImageRecord(record_id(uri), uri, None, partial(read_file, Path(uri)))
    return ImageRecord(record_id(uri), uri, None, partial(_read_inside, container, uri))


def _read_inside(container: str, uri: str) -> bytes:
    try:
        stamp = file_stamp(Path(container)) if os.path.isabs(container) else ""
        record = _opened(container, stamp).get(uri)
    except (PodobaError, OSError) as error:
        raise UnreadableImage(uri, str(error)) from error
    if record is None:
        raise UnreadableImage(uri, "no longer there")
    return record.open()


@lru_cache(maxsize=4)
def _opened(container: str, stamp: str) -> dict[str, ImageRecord]:
    """The records of a container in the state that its stamp names."""
    return {record.uri: record for record in open_source(container).records}
