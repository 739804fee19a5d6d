"""Open a collection by its file or its address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from podoba.cache.location import cache_dir
from podoba.collection.collection import Collection
from podoba.collection.vector_collection import VectorCollection
from podoba.collection.vectors import Vectors
from podoba.errors import CollectionError, did_you_mean
from podoba.files import is_address, without_user


def _open_milvus(address: str, device: str | None, patience: float | None) -> Vectors:
    from podoba.scale.vectors.open import open_vectors
    from podoba.scale.vectors.settings import DEFAULT

    return open_vectors(address, device=device, settings=DEFAULT if patience is None else replace(DEFAULT, patience=patience))


OPENERS: dict[str, Callable[[str, str | None, float | None], Vectors]] = {"milvus": _open_milvus, "milvuss": _open_milvus}
"""By the scheme of an address: from it, `device` and `patience`, as of `open_collection`, to what is searched there."""


def open_collection(
    place: str | Path, *, read_only: bool = False, device: str | None = None, patience: float | None = None
) -> VectorCollection:
    """The collection in a file, which is a `Collection`, or that in a vector database.

    Args:
        place: a file, or an address such as `milvus://HOST:PORT/NAME`.
        read_only: nothing is written into a file.
        device: what its own model encodes queries on, as of `Encoder`.
        patience: seconds for which a database that does not answer is asked again; None: as usual, for commands.

    Raises:
        CollectionError: as `Collection.open`; an address of a kind that is not known, or where there is no collection.
        CollectionAway: the database does not answer.
        MissingExtra: an address, where `podoba[scale]` is not installed.
    """
    if not is_address(place):
        return Collection.open(place, read_only=read_only, device=device)
    address = str(place)
    scheme = address.partition("://")[0].lower()
    if scheme not in OPENERS:
        known = " or ".join(f"{one}://HOST:PORT/NAME" for one in OPENERS)
        why = f"no collection can be opened from {scheme}://, but from a file or {known}"
        raise CollectionError(f"{without_user(address)}: {why} {did_you_mean(scheme, OPENERS)}".rstrip())
    vectors, folder = OPENERS[scheme](address, device, patience), cache_folder_of(without_user(address))
    with suppress(OSError):  # then nothing is cached
        folder.parent.mkdir(parents=True, exist_ok=True)
    return VectorCollection(vectors, folder)


def cache_folder_of(address: str) -> Path:
    """Where thumbnails of a collection at an address are kept; it may not exist yet."""
    return cache_dir() / "thumbnails" / hashlib.sha256(address.encode()).hexdigest()[:16]
