"""Images that have another name now: their items follow them, and keep their descriptors."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Sequence

from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.collection.update.decoded_image import DecodedImage, item_of
from podoba.collection.update.diff import Change, compare_with_sources
from podoba.errors import UnreadableImage
from podoba.images.locate import container_of
from podoba.images.sources.base import ImageSource
from podoba.parallel import ahead

COPIES = 20  # items of the same bytes that are looked for, when one may have moved


def follow_moves(store: Store, sources: Sequence[ImageSource], workers: int | None = None) -> int:
    """Only what needs no encoder of an update: items whose file has another name now. Returns how many there were."""
    diff = compare_with_sources(store, sources)
    left: dict[str, list[Item]] = defaultdict(list)
    for item in diff.gone.items:
        left[item.content].append(item)
    new = [change for change in diff.to_read if change.record.id not in diff.known]
    moved = 0
    with store.transaction():
        for change, content in ahead(new, _content, workers):
            old = left[content].pop() if content and left.get(content) else gone_elsewhere(store, content)
            if old is not None:
                store.items.change([(old.id, item_of(DecodedImage(change, content, old.size), old))])
                moved += 1
    return moved


def gone_elsewhere(store: Store, content: str) -> Item | None:
    """An item of these bytes (sha256) whose file is no longer where it was, though its source is not among those that are listed.

    So a folder that was renamed is followed by its new name alone. A file that cannot be looked for now has not vanished.
    """
    for item in store.items.of_content(content, COPIES):
        if item.uri.startswith("/") and container_of(item.uri) is None:
            try:
                os.stat(item.uri)
            except (FileNotFoundError, NotADirectoryError):
                return item
            except OSError:
                continue
    return None


def _content(change: Change) -> tuple[Change, str]:
    """The sha256 of an image's bytes; empty where it cannot be read."""
    try:
        return change, hashlib.sha256(change.record.open()).hexdigest()
    except UnreadableImage:
        return change, ""
