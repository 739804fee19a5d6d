"""The encoder of the model that a collection remembers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from podoba.errors import CollectionError, ModelError
from podoba.models.encoder import Encoder
from podoba.models.names import open_model

if TYPE_CHECKING:
    from podoba.collection.storage.descriptor_store import DescriptorStore


def open_encoder(collection: DescriptorStore, threads: int | None = None) -> Encoder:
    """The encoder of the collection's model, found by the name under which it was remembered, else by its path.

    Raises:
        CollectionError: the collection has no model yet, or the model of that name has changed since.
        ModelError: it is no longer there.
    """
    name, path = collection.fact("model"), collection.fact("path")
    if name is None or path is None:
        raise empty(collection)
    try:
        encoder = open_model(name, threads)
    except ModelError:
        if not Path(path).is_file():
            raise
        encoder = Encoder(Path(path), threads)
    check_model(collection, encoder)
    return encoder


def check_model(collection: DescriptorStore, encoder: Encoder) -> None:
    """Raise `CollectionError` where an encoder is not of the model that made the collection's descriptors."""
    if encoder.fingerprint != collection.fact("fingerprint"):
        raise CollectionError(
            f"{collection.path}: built with model {collection.fact('model')!r} ({collection.fact('fingerprint')}), and "
            f"{encoder.path} is another or has changed since ({encoder.fingerprint}): index into a new file"
        )


def empty(collection: DescriptorStore) -> CollectionError:
    """What to say of a collection without items."""
    return CollectionError(f"{collection.path}: the collection is empty: add images with `podoba index {collection.path} FOLDER`")
