"""The images of items as 32x32 pixels, to compare many of them: made once, and cached in the folder beside a collection."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.cache.content import ContentCache
from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.pixel_similarity import LUMA, SIDE, Pixels
from podoba.images.decode import decode_pixels
from podoba.images.locate import find_record
from podoba.images.reading import mapped_images
from podoba.images.record import Skipped
from podoba.parallel import ahead
from podoba.progress import OnProgress

FILE = "small-images.sqlite"
LARGEST = 4 << 30  # bytes of that file: a million images and more
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
        cached = cache.get([item.content for item in some])
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
                made[some[place].content] = result.tobytes()
        cache.put(made)
        if on_progress is not None:
            on_progress("reading small images", start + len(some), len(items))
    return pixels, read, skipped


def larger_image(item: Item, side: int) -> NDArray[np.float32]:
    """The image of an item as grey float32 (side, side), 0 to 255. Raises `UnreadableImage`."""
    pixels = decode_pixels(find_record(item.uri).open(), item.uri, side, "stretch").pixels
    return pixels.astype(np.float32) @ LUMA


def _load(item: Item) -> Pixels | UnreadableImage:
    try:
        return decode_pixels(find_record(item.uri).open(), item.uri, SIDE, "stretch").pixels
    except UnreadableImage as error:
        return error
