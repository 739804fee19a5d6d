"""Thumbnails of a collection's items, made when they are first needed and cached in the folder beside it."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podoba.cache.content import ContentCache
from podoba.collection.storage.items import Item
from podoba.images.decode import decode
from podoba.images.locate import find_record

SIDE = 192  # pixels
QUALITY = 82  # of JPEG
FILE = "thumbnails.sqlite"


@dataclass(frozen=True)
class ThumbnailSettings:
    """How much is cached.

    Attributes:
        largest: bytes of the cache's file, beyond which the older half is removed.
    """

    largest: int = 256 << 20


SETTINGS = ThumbnailSettings()
MakeThumbnail = Callable[[bytes, str, int], bytes]


class Thumbnails:
    """The thumbnails of a collection; where none can be cached they are made each time. Threads may share it."""

    def __init__(self, folder: Path, settings: ThumbnailSettings = SETTINGS, make: MakeThumbnail | None = None) -> None:
        """Thumbnails in a cache folder (`IndexCache.folder`), which is made when the first one is cached.

        Args:
            make: from the bytes of an image, its uri and a side as `small_jpeg`, which it is where None is given.
        """
        self._make = make or small_jpeg
        self._cache = ContentCache(folder / FILE, settings.largest)

    def of(self, item: Item, side: int = SIDE) -> bytes:
        """A JPEG, upright, whose longer side has at most `side` pixels.

        Raises:
            UnreadableImage: the image is missing or damaged, and no thumbnail of it was cached.
        """
        cached = self._cache.get([item.content], str(side))
        if cached:
            return cached[item.content]
        data = find_record(item.uri).open()
        jpeg = self._make(data, item.uri, side)
        if hashlib.sha256(data).hexdigest() == item.content:  # else the file has changed since, and is not that item's
            self._cache.put({item.content: jpeg}, str(side))
        return jpeg


def small_jpeg(data: bytes, uri: str, side: int = SIDE) -> bytes:
    """An encoded image as a JPEG, upright, whose longer side has at most `side` pixels. Raises `UnreadableImage`."""
    file = io.BytesIO()
    decode(data, uri, side).save(file, "JPEG", quality=QUALITY, comment=b"")
    return file.getvalue()
