"""From an item's uri back to its bytes."""

import os
import re
from functools import lru_cache, partial
from pathlib import Path

from podoba.cache.reach import NetworkSettings
from podoba.errors import PodobaError, UnreadableImage
from podoba.images.record import ImageRecord
from podoba.images.remote.address import is_remote
from podoba.images.remote.file import RemoteFile
from podoba.images.remote.reading import read_remote, refuse_unnamed_host
from podoba.images.sources.base import MAX_BYTES, file_stamp, read_file, record_id
from podoba.images.sources.open import is_container, open_source

ONCE = NetworkSettings(tries=1)  # whoever looks at a picture waits for it, and may ask again
INSIDE = "!/"  # between a container and the name of an image in it


def container_of(uri: str) -> str | None:
    """The archive, table or named set that an image is in; None for an image file.

    A folder whose name ends in an exclamation mark is no container.
    """
    if is_remote(uri):
        places = [place.start() for place in re.finditer(INSIDE, uri)]
        return next((uri[:place] for place in places if is_container(uri[:place])), None)
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
    if container is None and is_remote(uri):
        return ImageRecord(record_id(uri), uri, None, partial(_read_remote, uri))
    if container is None:
        return ImageRecord(record_id(uri), uri, None, partial(read_file, Path(uri)))
    return ImageRecord(record_id(uri), uri, None, partial(_read_inside, container, uri))


def _read_remote(uri: str) -> bytes:
    refuse_unnamed_host(uri)
    return read_remote(uri, MAX_BYTES, network=ONCE)


def _read_inside(container: str, uri: str) -> bytes:
    refuse_unnamed_host(uri)
    try:
        if is_remote(container):
            stamp = RemoteFile(container).stamp()
        else:
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
