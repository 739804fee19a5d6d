"""Which of several copies is kept, and why."""

from collections.abc import Sequence
from pathlib import PurePath

from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.sources.base import located

LOSSLESS = ("PNG", "TIFF", "BMP", "PPM", "TGA")


def known_references(store: Store, references: Sequence[str]) -> list[str]:
    """Folders or images, in full, all of whose images are kept.

    Raises:
        CollectionError: one in which nothing was indexed: what is meant to be kept must not be moved for a slip of the pen.
    """
    places = [str(located(reference)) for reference in references]
    uris = [item.uri for item in store.items.select()] if places else []
    for place in places:
        if not any(PurePath(uri).is_relative_to(place) for uri in uris):
            raise CollectionError(f"{shown(place)}: no indexed image lies in this reference: check its name, or index it")
    return places


def is_below(item: Item, references: Sequence[str]) -> bool:
    """Whether an image lies in one of these places."""
    return any(PurePath(item.uri).is_relative_to(place) for place in references)


def worth(item: Item, references: Sequence[str]) -> tuple[bool, int, bool, int, str]:
    """A key that sorts the copy to keep first: in a reference, more pixels, nothing lost by its format, more bytes, earlier."""
    written = str(item.attributes.get("taken") or item.attributes.get("modified") or "9999")
    return (not is_below(item, references), -item.width * item.height, item.format not in LOSSLESS, -item.size, written)


def why_kept(keep: Item, others: Sequence[Item], references: Sequence[str]) -> str:
    """The first thing in which the one that is kept is worth more than others."""
    if is_below(keep, references):
        return "kept: in a reference folder"
    ours, theirs = worth(keep, ()), [worth(other, ()) for other in others]
    reasons = ("", f"most pixels, {keep.width}x{keep.height}", f"lossless {keep.format}", "most bytes", "earliest")
    for place in range(1, len(reasons)):
        if any(other[place] != ours[place] for other in theirs):
            return f"kept: {reasons[place]}"
    return "kept: the first of equals"
