"""Every item's image as 32x32 pixels, for comparing many of them: made once, and kept in the cache folder beside a collection."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.pixel_similarity import SIDE, Pixels
from podoba.images.decode import decode_pixels
from podoba.images.locate import find_record
from podoba.images.reading import mapped_images
from podoba.images.record import Skipped
from podoba.parallel import ahead
from podoba.progress import OnProgress

FILE = "small-pictures.sqlite"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS pictures (content TEXT PRIMARY KEY, seal INTEGER NOT NULL, pixels BLOB NOT NULL) WITHOUT ROWID"
)
TOGETHER = 500  # items looked up and written at a time
BYTES = SIDE * SIDE * 3


def small_images_of(
    items: Sequence[Item], folder: Path, on_progress: OnProgress | None = None, workers: int | None = None
) -> tuple[Pixels, NDArray[np.bool_], list[Skipped]]:
    """The images of items, stretched to squares.

    They lie in a temporary file that is mapped, 3 KB an image, so that memory does not grow with their number.

    Args:
        folder: of the cache (`IndexCache.folder`); where nothing can be written, nothing is kept.
        workers: decoding threads; None: one a core.

    Returns:
        pixels uint8 (n, 32, 32, 3); which of them could be read, bool (n,); and those that could not.
    """
    pixels: Pixels = mapped_images(len(items), SIDE)
    read = np.zeros(len(items), dtype=np.bool_)
    skipped: list[Skipped] = []
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        kept = _kept(folder, [item.content for item in some])
        missing = [place for place, item in enumerate(some) if item.content not in kept]
        for place, item in enumerate(some):
            if item.content in kept:
                pixels[start + place], read[start + place] = kept[item.content], True
        made = {}
        for place, result in zip(missing, ahead([some[p] for p in missing], _load, workers, TOGETHER), strict=True):
            if isinstance(result, UnreadableImage):
                skipped.append(Skipped(result.uri, result.reason))
            else:
                pixels[start + place], read[start + place] = result, True
                made[some[place].content] = result
        _keep(folder, made)
        if on_progress is not None:
            on_progress("reading images", start + len(some), len(items))
    return pixels, read, skipped


def larger_image(item: Item, side: int) -> NDArray[np.float32]:
    """The image of an item as grey float32 (side, side), 0 to 255. Raises `UnreadableImage`."""
    pixels = decode_pixels(find_record(item.uri).open(), item.uri, side, "stretch").pixels
    return pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def _load(item: Item) -> Pixels | UnreadableImage:
    try:
        return decode_pixels(find_record(item.uri).open(), item.uri, SIDE, "stretch").pixels
    except UnreadableImage as error:
        return error


def _kept(folder: Path, contents: Sequence[str]) -> dict[str, Pixels]:
    if not (folder / FILE).exists():
        return {}
    with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(folder / FILE, timeout=1)) as connection:
        marks = ", ".join("?" * len(contents))
        rows = connection.execute(f"SELECT content, seal, pixels FROM pictures WHERE content IN ({marks})", list(contents))
        return {
            content: np.frombuffer(blob, dtype=np.uint8).reshape(SIDE, SIDE, 3)
            for content, seal, blob in rows
            if zlib.crc32(blob) == seal and len(blob) == BYTES
        }
    return {}


def _keep(folder: Path, made: dict[str, Pixels]) -> None:
    if not made:
        return
    try:
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(folder / FILE, timeout=1)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(SCHEMA)
            connection.executemany("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)", _rows(made))
    except (OSError, sqlite3.OperationalError):
        return  # busy, or nothing can be written here: they are made again next time
    except sqlite3.DatabaseError:  # damaged
        with suppress(OSError):
            (folder / FILE).unlink()


def _rows(made: dict[str, Pixels]) -> Iterator[tuple[str, int, bytes]]:
    for content, pixels in made.items():
        blob = pixels.tobytes()
        yield content, zlib.crc32(blob), blob
