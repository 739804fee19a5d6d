"""Which of several copies is kept, and why."""

from collections.abc import Sequence

from podoba.collection.duplicates.same_file import Places
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.sources.base import located

LOSSLESS = ("PNG", "TIFF", "BMP", "PPM", "TGA")
NOWHERE = Places()


def known_references(store: Store, references: Sequence[str]) -> Places:
    """Folders or images all of whose images are kept.

    Raises:
        CollectionError: one in which nothing was indexed: what is meant to be kept must not be moved for a slip of the pen.
    """
    paths = [str(located(reference)) for reference in references]
    uris = [item.uri for item in store.items.select()] if paths else []
    for path in paths:
        place = Places([path])
        if not any(place.hold(uri) for uri in uris):
            raise CollectionError(f"{shown(path)}: no indexed image lies in this reference: check its name, or index it")
    return Places(paths)


def worth(item: Item, references: Places) -> tuple[bool, int, bool, int, str]:
    """A key that sorts the copy to keep first: in a reference, more pixels, nothing lost by its format, more bytes, earlier."""
    written = str(item.attributes.get("taken") or item.attributes.get("modified") or "9999")
    return (not references.hold(item.uri), -item.width * item.height, item.format not in LOSSLESS, -item.size, written)


def why_kept(keep: Item, others: Sequence[Item], references: Places) -> str:
    """The first thing in which the one that is kept is worth more than others."""
    if references.hold(keep.uri):
        return "kept: in a reference folder"
    ours, theirs = worth(keep, NOWHERE), [worth(other, NOWHERE) for other in others]
    reasons = ("", f"most pixels, {keep.width}x{keep.height}", f"lossless {keep.format}", "most bytes", "earliest")
    for place in range(1, len(reasons)):
        if any(other[place] != ours[place] for other in theirs):
            return f"kept: {reasons[place]}"
    return "kept: the first of equals"
