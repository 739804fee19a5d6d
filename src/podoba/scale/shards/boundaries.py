"""Where a listing is cut, so that one name more or less moves no boundary but those beside it.

As in content-defined chunking (Muthitacharoen et al., "A low-bandwidth network file system", 2001): a name ends its shard where
its hash says so, whatever comes before it. Cuts by number would move every later one.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from podoba.scale.shards.settings import ShardSettings

Row = TypeVar("Row")


def cut(
    rows: Iterable[Row], name: Callable[[Row], str], size: Callable[[Row], int], settings: ShardSettings
) -> Iterator[list[Row]]:
    """Rows in their order, in lists of about `settings.images`; one list is in memory.

    A row more or less changes the list that it is in, and cuts it in two or joins two. Where a list was as long, or as large, as
    the settings allow, those after it change up to the next boundary by a hash: one in e^`longest` lists is so long.

    Args:
        name: of a row, which says whether it is the last one of its list.
        size: bytes of a row, 0 where they are not known.
    """
    found: list[Row] = []
    held = 0
    for row in rows:
        found.append(row)
        held += size(row)
        if ends(name(row), settings.images) or len(found) >= settings.longest * settings.images or held >= settings.bytes:
            yield found
            found, held = [], 0
    if found:
        yield found


def ends(name: str, images: int) -> bool:
    """Whether a name ends its shard: one in `images` does."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % images == 0
