"""All that a collection in a vector database holds of what searching needs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.scale.vectors.descriptors import MilvusDescriptors
from podoba.scale.vectors.items import MilvusItems
from podoba.scale.vectors.remote import RemoteCollection
from podoba.scale.vectors.schema import to_row
from podoba.scale.vectors.sidecar import MilvusMarks, MilvusModels


class MilvusStore:
    """As `podoba.collection.vectors.Searchable`.

    Attributes:
        remote: the collection of the server.
        sidecar: what is kept of it on this machine.
        items, descriptors, models, marks: as of a collection's file.
    """

    def __init__(self, remote: RemoteCollection, sidecar: Store) -> None:
        self.remote, self.sidecar = remote, sidecar
        self.items = MilvusItems(remote)
        self.models = MilvusModels(remote.connection.address, sidecar)
        self.descriptors = MilvusDescriptors(remote, self.items, lambda: self.models.dim)
        self.marks = MilvusMarks(sidecar, self.items, self.descriptors)

    @property
    def name(self) -> str:
        """The address, without user and password."""
        return str(self.remote.connection.address)

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; an item of the same id is replaced.

        It ends when the server has all of them; where it ends earlier, the server has some.

        Raises:
            CollectionError: the server is away, or an item has a text that it does not take.
            ValueError: descriptors of another shape, or not of unit length.
        """
        dim = self.models.dim
        if descriptors.shape != (len(items), dim):
            raise ValueError(f"descriptors must be ({len(items)}, {dim}), these are {descriptors.shape}")
        if not np.allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-3):
            raise ValueError("descriptors must be of unit length")
        rows = {item.id: to_row(item, one) for item, one in zip(items, descriptors.astype(np.float32), strict=True)}
        self.remote.note_attributes({name for item in items for name in item.attributes})
        several, step = list(rows.values()), self.remote.settings.batch(dim)
        for start in range(0, len(several), step):
            self.remote.upsert(several[start : start + step])

    def put_part(self, part: tuple[Sequence[Item], Floats]) -> int:
        """As `put`, of items and descriptors together. Returns how many items there were."""
        self.put(*part)
        return len(part[0])

    def info(self) -> dict[str, Any]:
        """What `podoba vectors info --json` prints."""
        return {
            "collection": self.name,
            "items": len(self.items),
            "dim": self.models.dim,
            "model": self.models.name,
            "fingerprint": self.models.fingerprint,
            **self.remote.state(),
            "attributes": self.items.attribute_names(),
            "marks": len(self.sidecar.marks.select()),
            "marks_file": str(self.sidecar.path),
        }

    def snapshot(self) -> AbstractContextManager[None]:
        """Nothing: a server promises no state that stands still."""
        return nullcontext()

    def writing(self) -> AbstractContextManager[None]:
        """The right to write the file on this machine; to the server any number may write."""
        return self.sidecar.writing()

    def close(self) -> None:
        """End the connection, and close the file on this machine."""
        self.remote.connection.close()
        self.sidecar.database.close()
