"""The images of items at two sizes, to compare many of them: made once, and cached in the folder beside a collection."""

import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.cache.content import ContentCache
from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.detail import Grey, grey_square
from podoba.images.compare.pixel_similarity import SIDE, Pixels
from podoba.images.decode import decode_pixels
from podoba.images.locate import find_record
from podoba.images.reading import mapped_images
from podoba.images.record import Skipped
from podoba.images.resize import PixelRule
from podoba.parallel import ahead
from podoba.progress import OnProgress

FILE = "small-images.sqlite"
LARGER_FILE = "larger-images.sqlite"
LARGEST = 4 << 30  # bytes of each file: a million small images and more, sixty thousand larger ones
TOGETHER = 500  # items read from the cache and written to it at a time


def small_images(
    items: Sequence[Item], folder: Path, on_progress: OnProgress | None = None, workers: int | None = None
) -> tuple[Pixels, NDArray[np.bool_], list[Skipped]]:
    """The images of items, stretched to squares.

    They lie in a temporary file that is mapped, 3 KB an image, so that memory does not grow with their number.

    Args:
        folder: of the cache (`IndexCache.folder`); where nothing can be written, nothing is cached.
        workers: decoding threads; None: one a core.

    Returns:
        pixels uint8 (n, 32, 32, 3); which of them could be read, bool (n,); and those that could not.
    """
    cache = ContentCache(folder / FILE, LARGEST)
    pixels: Pixels = mapped_images(len(items), SIDE)
    read = np.zeros(len(items), dtype=np.bool_)
    skipped: list[Skipped] = []
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        cached = cache.get([item.content for item in some if item.content])  # unknown bytes are like no others
        missing = [place for place, item in enumerate(some) if item.content not in cached]
        for place, item in enumerate(some):
            if item.content in cached:
                square = np.frombuffer(cached[item.content], dtype=np.uint8).reshape(SIDE, SIDE, 3)
                pixels[start + place], read[start + place] = square, True
        made: dict[str, bytes] = {}
        for place, result in zip(missing, ahead([some[p] for p in missing], _load, workers, TOGETHER), strict=True):
            if isinstance(result, UnreadableImage):
                skipped.append(Skipped(result.uri, result.reason))
            else:
                pixels[start + place], read[start + place] = result, True
                if some[place].content:
                    made[some[place].content] = result.tobytes()
        cache.put(made)
        if on_progress is not None:
            on_progress("reading small images", start + len(some), len(items))
    return pixels, read, skipped


class LargerImages:
    """The images of items as `grey_square`, of which few are wanted: made when they are, and cached like the small ones."""

    def __init__(self, folder: Path, side: int) -> None:
        self._cache, self._side = ContentCache(folder / LARGER_FILE, LARGEST), side

    def of(self, items: Sequence[Item]) -> dict[str, Grey]:
        """By `Item.picture`; those that cannot be read any more are left out."""
        wanted = {item.picture: item for item in items}
        variant = str(self._side)
        cached = self._cache.get([item.content for item in wanted.values() if item.content], variant)
        found = {content: _unpacked(data) for content, data in cached.items()}
        made: dict[str, Grey] = {}
        for picture in wanted.keys() - found.keys():
            item = wanted[picture]
            with suppress(UnreadableImage):
                side = min(self._side, max(item.width, item.height) or self._side)  # not enlarged first
                decoded = decode_pixels(find_record(item.uri).open(), item.uri, PixelRule(side))
                made[picture] = grey_square(decoded.pixels, decoded.width, decoded.height)
        self._cache.put({picture: _packed(grey) for picture, grey in made.items() if wanted[picture].content}, variant)
        return found | made


def _packed(grey: Grey) -> bytes:
    return struct.pack("<HH", *grey.shape) + grey.tobytes()


def _unpacked(data: bytes) -> Grey:
    return np.frombuffer(data, np.uint8, offset=4).reshape(struct.unpack("<HH", data[:4]))


def _load(item: Item) -> Pixels | UnreadableImage:
    try:
        return decode_pixels(find_record(item.uri).open(), item.uri, PixelRule(SIDE)).pixels
    except UnreadableImage as error:
        return error
