"""Two files that are one picture, read to tell which has more in it: detail and generation, which no size tells."""

import json
from dataclasses import asdict, dataclass

import numpy as np

from podoba.cache.content import ContentCache
from podoba.collection.storage.items import Item
from podoba.errors import UnreadableImage
from podoba.images.compare.enlargement import detail_of
from podoba.images.compare.generation import encoding_of, made_from
from podoba.images.decode import decode
from podoba.images.locate import find_record

VARIANT = "worth 1"  # of what is cached; another number where another value would be found


@dataclass(frozen=True)
class Measured:
    """What was found of two files.

    Attributes:
        details: of each, as `detail_of`; None for pictures of one size.
        remade: which of them was made from the other, 0 or 1; None where that cannot be told.
    """

    details: tuple[float, float] | None
    remade: int | None = None


def measure(first: Item, second: Item, cache: ContentCache) -> Measured | None:
    """Read two files, unless what is found of them is cached; None where one of them cannot be read."""
    variant = f"{VARIANT} {second.content}"
    known = cache.get([first.content], variant) if second.content else {}
    if known:
        values = json.loads(known[first.content])
        return Measured(values["details"] and (values["details"][0], values["details"][1]), values["remade"])
    try:
        found = _read(first, second)
    except UnreadableImage:
        return None
    if second.content:
        cache.put({first.content: json.dumps(asdict(found)).encode()}, variant)
    return found


def _read(first: Item, second: Item) -> Measured:
    data = [find_record(item.uri).open() for item in (first, second)]
    pictures = [decode(each, item.uri) for each, item in zip(data, (first, second), strict=True)]
    if pictures[0].size != pictures[1].size:
        details = [detail_of(np.asarray(picture)) for picture in pictures]
        return Measured((details[0], details[1]))
    encodings = [encoding_of(each, item.uri) for each, item in zip(data, (first, second), strict=True)]
    return Measured(None, made_from((pictures[0], encodings[0]), (pictures[1], encodings[1])))
