"""One image on its way into a collection: its bytes, what they are, and its pixels for the encoder."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from podoba.collection.storage.items import Item
from podoba.collection.update.diff import Change, facts_of
from podoba.errors import UnreadableImage
from podoba.images.decode import decode_pixels
from podoba.images.record import Attribute
from podoba.models.card import Card
from podoba.models.encoder import NO_DESCRIPTOR


@dataclass(frozen=True)
class DecodedImage:
    """An image whose bytes were read.

    Attributes:
        content: sha256 of the bytes; empty where they could not be read.
        size: number of bytes.
        width, height: upright; 0 where it was not decoded.
        exif: attributes that the camera wrote; empty where it was not decoded.
        reason: why it is unreadable, or has no descriptor; None where all is well.
    """

    change: Change
    content: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    format: str = ""
    exif: Mapping[str, Attribute] = field(default_factory=dict)
    reason: str | None = None

    @property
    def damaged(self) -> bool:
        """Whether its bytes are no image, whatever the model: it need not be tried again before they change."""
        return bool(self.content) and self.reason not in (None, NO_DESCRIPTOR)


def read_image(change: Change, card: Card, known: Container[str]) -> tuple[DecodedImage, NDArray[np.uint8] | None]:
    """Read an image, and decode it unless the collection has a descriptor of the same bytes (`known` sha256).

    Returns:
        What is known of it, and its pixels uint8 (S, S, 3) for the encoder; None where its bytes are known, or it is unreadable.
    """
    record = change.record
    try:
        data = record.open()
    except UnreadableImage as error:
        return DecodedImage(change, reason=error.reason), None
    content = hashlib.sha256(data).hexdigest()
    if content in known:
        return DecodedImage(change, content, len(data)), None
    try:
        seen = decode_pixels(data, record.uri, card.pixels)
    except UnreadableImage as error:
        return DecodedImage(change, content, len(data), reason=error.reason), None
    return DecodedImage(change, content, len(data), seen.width, seen.height, seen.format, seen.exif), seen.pixels


def without_descriptor(image: DecodedImage) -> DecodedImage:
    """An image of which the model has no descriptor: it is skipped with that reason."""
    return replace(image, reason=NO_DESCRIPTOR)


def item_of(image: DecodedImage, like: Item | None = None) -> Item:
    """The item of an image; one that was not decoded looks like the item with the same bytes."""
    record, seen = image.change.record, like or image
    label, attributes = facts_of(record, image.exif if like is None else like.attributes)
    return Item(
        record.id, record.uri, image.change.source, label, image.content, image.size, record.stamp,
        seen.width, seen.height, seen.format, attributes,
    )  # fmt: skip
