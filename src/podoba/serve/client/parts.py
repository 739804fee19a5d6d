"""Queries as the API takes them: parts as JSON, and pictures as files beside them."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from podoba.collection.search.query import ITEM, DescribedImage, Part, Query, as_parts, is_descriptor, is_picture
from podoba.collection.search.words import is_words, words_of
from podoba.errors import SourceError
from podoba.files import read_bounded, shown
from podoba.images.decode import upright_picture
from podoba.images.locate import container_of, find_record
from podoba.images.sources.base import located

LARGEST = 1 << 24  # bytes of a file with one descriptor

Files = list[tuple[str, bytes]]
"""Names and bytes of pictures, in the order of their numbers."""


def parts_of(query: Query | Part | Sequence[Query | Part], files: Files) -> list[dict[str, Any]]:
    """The parts of a query as JSON; pictures are added to the files.

    Raises:
        SourceError, UnreadableImage: a file that cannot be read.
        ValueError: words that are none.
        TypeError: what can be no query.
    """
    return [part_of(part, files) for part in as_parts(query)]


def part_of(part: Part, files: Files) -> dict[str, Any]:
    """One part as JSON. Raises as `parts_of`."""
    facts: dict[str, Any] = {} if part.weight is None else {"weight": part.weight}
    if isinstance(part.image, DescribedImage):  # its descriptor is that of the box already
        return facts | {"descriptor": _short(part.image.descriptor)}
    if part.box is not None:
        facts["box"] = list(part.box)
    image = part.image
    if is_words(image):
        return facts | {"text": words_of(image)}
    if isinstance(image, str) and image.startswith(ITEM):
        return facts | {"item": image.removeprefix(ITEM)}
    if is_descriptor(part):
        return facts | {"descriptor": _short(image)}
    files.append(_file(part))
    return facts | {"image": len(files) - 1}


def form_of(body: str, files: Files) -> dict[str, Any]:
    """A search with pictures as `httpx` sends a form."""
    pictures = {f"image_{number}": (name, data, "application/octet-stream") for number, (name, data) in enumerate(files)}
    return {"data": {"query": body}, "files": pictures}


def _file(part: Part) -> tuple[str, bytes]:
    """Name and bytes of a picture; one in memory becomes a PNG, upright."""
    if is_picture(part):
        picture = part.image if isinstance(part.image, Image.Image) else Image.fromarray(np.asarray(part.image))
        written = io.BytesIO()
        upright_picture(picture, str(part)).save(written, "PNG", compress_level=1)
        return "picture.png", written.getvalue()
    path = located(str(part.image))
    if not path.exists() and container_of(str(path)) is None:
        raise SourceError(f"{shown(str(part.image))}: no such image: name an image file, or id:ID for an item of the collection")
    return shown(path.name), find_record(str(path)).open()


def _short(image: Any) -> str:
    """A descriptor (dim,), or that of an `.npy` file, as base64url of float16, little endian."""
    if isinstance(image, str | Path):
        try:
            data = read_bounded(Path(image).expanduser(), LARGEST)
            image = np.load(io.BytesIO(data), allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise SourceError(f"{shown(str(image))}: no descriptor can be read from it ({error}): name an .npy file") from error
    vector = np.asarray(image, dtype=np.float64).squeeze()
    length = float(np.linalg.norm(vector))
    unit = vector / length if length else vector  # float16 has no numbers beyond 65,504
    return base64.urlsafe_b64encode(unit.astype("<f2").tobytes()).decode().rstrip("=")
