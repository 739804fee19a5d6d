"""Opening a collection of a vector database."""

from __future__ import annotations

from podoba.collection.storage.models import Model, facts_of_model
from podoba.errors import CollectionError
from podoba.scale.vectors.address import parse_address
from podoba.scale.vectors.connection import Connection
from podoba.scale.vectors.remote import RemoteCollection
from podoba.scale.vectors.search import MilvusVectors
from podoba.scale.vectors.settings import DEFAULT, VectorSettings
from podoba.scale.vectors.sidecar import open_sidecar, sidecar_path
from podoba.scale.vectors.store import MilvusStore


def open_vectors(address: str, *, device: str | None = None, settings: VectorSettings = DEFAULT) -> MilvusVectors:
    """Open a collection of a vector database; used as a context it is closed at the end.

    Args:
        address: `milvus://[USER:PASSWORD@]HOST[:PORT]/[DATABASE/]NAME`, as `parse_address` reads it.
        device: what its own model encodes queries on, as of `Encoder`.

    Raises:
        MissingExtra: `podoba[scale]` is not installed.
        CollectionMissing: the server has no such collection.
        CollectionError: no address; a server that is away or refuses; a collection of another program.
    """
    connection = Connection(parse_address(address), settings)
    try:
        remote = RemoteCollection(connection, settings)
        facts = remote.facts()
        remote.load()
        return MilvusVectors(MilvusStore(remote, open_sidecar(connection.address, facts, device)))
    except BaseException:
        connection.close()
        raise


def remove_vectors(address: str, settings: VectorSettings = DEFAULT) -> None:
    """Remove a collection from its server, and the note of what was loaded into it; marks stay on this machine.

    Raises:
        CollectionError: as `open_vectors`.
    """
    connection = Connection(parse_address(address), settings)
    try:
        RemoteCollection(connection, settings).drop()
        sidecar_path(connection.address, ".loaded").unlink(missing_ok=True)
    finally:
        connection.close()


def create_vectors(
    address: str, model: Model, name: str, *, shards: int | None = None, replicas: int | None = None,
    settings: VectorSettings = DEFAULT,
) -> MilvusVectors:  # fmt: skip
    """Open a collection of a vector database; where the server has none of this name, make it first.

    Args:
        model, name: what made its descriptors, as of `ModelTable.claim`.
        shards: parts in which it is written, of a new one; None: one.
        replicas: how many times the server holds it in memory; None: as it does already, or once.

    Raises:
        CollectionError: as `open_vectors`; or the collection is of another model.
    """
    connection = Connection(parse_address(address), settings)
    try:
        remote = RemoteCollection(connection, settings)
        if not remote.exists():
            remote.create(facts_of_model(model, name), model.card.dim, shards or 1, replicas or 1)
        known = remote.facts()
        if known["fingerprint"] != model.fingerprint:
            raise CollectionError(
                f"{connection.address}: its descriptors are of model {known['model']!r} ({known['fingerprint']}), "
                f"not of {name!r} ({model.fingerprint}), and cannot be compared: load into a collection of another name"
            )
        remote.index()
        remote.load(replicas)
        return MilvusVectors(MilvusStore(remote, open_sidecar(connection.address, known)))
    except BaseException:
        connection.close()
        raise
