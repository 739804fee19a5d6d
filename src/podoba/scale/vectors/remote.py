"""A collection on a server: made, read in pages, counted, searched, written."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from podoba.arrays import Floats
from podoba.errors import CollectionError, CollectionMissing, require
from podoba.parallel import batches
from podoba.progress import OnProgress, silent
from podoba.scale.vectors.connection import Connection
from podoba.scale.vectors.schema import ATTRIBUTE, DESCRIPTOR, FACT, FACTS, LOWEST, NUMBER, SCHEMA, VERSION, schema_of
from podoba.scale.vectors.settings import VectorSettings

NOTHING = f"{NUMBER} in []"
METRIC = "IP"  # the cosine, of vectors of unit length


class RemoteCollection:
    """One collection of a server.

    Attributes:
        connection, settings: how it is reached.
    """

    def __init__(self, connection: Connection, settings: VectorSettings) -> None:
        self.connection, self.settings = connection, settings
        self.name = connection.address.collection
        self._written = -np.inf  # when this process wrote last
        self._properties: dict[str, str] | None = None
        self._lock = threading.Lock()

    def exists(self) -> bool:
        """Whether the server has it."""
        return bool(self.connection.call("has_collection", self.name))

    def create(self, facts: Mapping[str, str | None], dim: int, shards: int, replicas: int = 1) -> None:
        """Make it, with its index, and let the server load it. Raises `CollectionError` where the server refuses."""
        properties = {SCHEMA: str(VERSION)} | {FACT + key: facts.get(key) or "" for key in FACTS}
        pymilvus = require("pymilvus", "scale")
        self.connection.call(
            "create_collection", self.name, schema=schema_of(pymilvus, dim), num_shards=shards, properties=properties,
            consistency_level=self.settings.consistency,
        )  # fmt: skip
        self.index()
        self.load(replicas)

    def index(self) -> None:
        """Let the server have its index; that is nothing where it has it."""
        wanted = require("pymilvus", "scale").MilvusClient.prepare_index_params()
        shape = {"M": self.settings.links, "efConstruction": self.settings.build_width}
        wanted.add_index(DESCRIPTOR, index_type="HNSW", metric_type=METRIC, params=shape)
        self.connection.call("create_index", self.name, wanted)

    def load(self, replicas: int | None = None) -> None:
        """Let the server hold it in memory, so that it can be searched, so many times; None: as it is held already, or once.

        Raises:
            CollectionError: the server has too few nodes for so many replicas.
        """
        held = self.replicas()
        if held and replicas in (None, held):
            return
        if held:
            self.connection.call("release_collection", self.name)
        try:
            self.connection.call("load_collection", self.name, replica_number=replicas or 1, seconds=self.settings.index_seconds)
        except CollectionError as error:
            if held:
                self.connection.call("load_collection", self.name, replica_number=held, seconds=self.settings.index_seconds)
            if "nodes not enough" not in str(error) and "resource group" not in str(error):
                raise
            address = self.connection.address
            raise CollectionError(
                f"{address}: its server has fewer than {replicas} query nodes: ask for fewer replicas"
            ) from error

    def replicas(self) -> int:
        """How many times the server holds it in memory; 0 where it does not."""
        state = str(self.connection.call("get_load_state", self.name).get("state", ""))
        if "NotLoad" in state or "NotExist" in state:
            return 0
        return len(self.connection.call("describe_replica", self.name)) or 1

    def description(self) -> dict[str, Any]:
        """What the server says of it. Raises `CollectionMissing`, and `CollectionError` where it is of another program."""
        address = self.connection.address
        if not self.exists():
            raise CollectionMissing(f"{address}: no such collection: fill it with `podoba vectors load {address} FOLDER`")
        described: dict[str, Any] = self.connection.call("describe_collection", self.name)
        version = described.get("properties", {}).get(SCHEMA)
        if version is None:
            raise CollectionError(f"{address}: a collection of another program: name another one")
        if int(version) > VERSION:
            raise CollectionError(
                f"{address}: made by a newer podoba (format {version}, this one reads {VERSION}): upgrade podoba"
            )
        return described

    def properties(self, *, again: bool = False) -> dict[str, str]:
        """Facts by their keys, read once."""
        with self._lock:
            if self._properties is None or again:
                self._properties = {str(k): str(v) for k, v in self.description().get("properties", {}).items()}
            return self._properties

    def facts(self) -> dict[str, str]:
        """Of the model."""
        properties = self.properties()
        return {key: properties.get(FACT + key, "") for key in FACTS}

    def attribute_names(self) -> list[str]:
        """Names of the attributes that items have or had."""
        known = self.properties(again=True)
        return sorted(json.loads(key.removeprefix(ATTRIBUTE)) for key in known if key.startswith(ATTRIBUTE))

    def note_attributes(self, names: Iterable[str]) -> None:
        """Remember names of attributes; several processes may do so at a time."""
        keys = {ATTRIBUTE + json.dumps(name) for name in names}
        missing = keys - set(self.properties())
        if missing and (missing := keys - set(self.properties(again=True))):
            self.connection.call("alter_collection_properties", self.name, properties=dict.fromkeys(sorted(missing), "1"))
            self.properties(again=True)

    def count(self, expression: str = "") -> int:
        """How many items an expression chooses."""
        return int(self._query(expression, ["count(*)"])[0]["count(*)"])

    def pages(self, expression: str, fields: Sequence[str], rows: int, start: int = LOWEST) -> Iterator[list[dict[str, Any]]]:
        """Fields of the items that an expression chooses, in the order of their numbers, from a number on."""
        after = None if start == LOWEST else start - 1
        while True:
            bound = "" if after is None else f"{NUMBER} > {after}" if after > LOWEST else f"{NUMBER} >= {LOWEST + 1}"
            both = " and ".join(f"({part})" for part in (expression, bound) if part)
            page = self._query(both, [NUMBER, *fields], limit=rows, reduce_stop_for_best=True)
            if not page:
                return
            page.sort(key=lambda row: int(row[NUMBER]))
            yield page
            after = int(page[-1][NUMBER])

    def of_numbers(self, numbers: Iterable[int], fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        """Fields of items by their numbers; those that are not there are left out."""
        found = {}
        for some in batches(numbers, self.settings.together):
            for row in self._query(numbered(some), [NUMBER, *fields]):
                found[int(row[NUMBER])] = row
        return found

    def search(self, queries: Floats, limit: int, expression: str, fields: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Fields of the items that the index finds nearest to each query (Q, dim)."""
        width = {"ef": max(self.settings.search_width, limit)}
        answer = self.connection.call(
            "search", self.name, data=list(queries), anns_field=DESCRIPTOR, limit=limit, filter=expression,
            output_fields=list(fields), search_params={"metric_type": METRIC, "params": width}, consistency_level=self._level(),
            seconds=self.settings.search_seconds,
        )  # fmt: skip
        return [[{NUMBER: hit[NUMBER] if NUMBER in hit else hit["id"], **hit["entity"]} for hit in hits] for hits in answer]

    def upsert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add items, or put them in the place of those of the same numbers; the server has them when this ends."""
        self.connection.call("upsert", self.name, list(rows))
        self._written = time.monotonic()

    def delete(self, numbers: Sequence[int]) -> None:
        """Remove items."""
        for some in batches(numbers, self.settings.together):
            self.connection.call("delete", self.name, filter=numbered(some))
        self._written = time.monotonic()

    def identity(self) -> str:
        """By which the server knows this collection from another one that had its name."""
        return str(self.description()["collection_id"])

    def state(self) -> dict[str, Any]:
        """Shards, replicas, the index and the server's version."""
        index = self.connection.call("describe_index", self.name, DESCRIPTOR)
        return {
            "shards": int(self.description()["num_shards"]),
            "replicas": self.replicas(),
            "index": {"kind": index.get("index_type"), "indexed": int(index.get("indexed_rows", 0)), "state": index.get("state")},
            "server": self.connection.call("get_server_version"),
        }

    def settle(self, on_progress: OnProgress = silent) -> None:
        """Let the server write what it has to its storage, and wait until it has built the index of it."""
        self.connection.call("flush", self.name, seconds=self.settings.index_seconds)
        until = time.monotonic() + self.settings.index_seconds
        while time.monotonic() < until:
            index = self.connection.call("describe_index", self.name, DESCRIPTOR)
            total, pending = int(index.get("total_rows", 0)), int(index.get("pending_index_rows", 0))
            on_progress("building the index", min(int(index.get("indexed_rows", 0)), total), total)
            if not pending and index.get("state") in ("Finished", None):
                return
            time.sleep(self.settings.longest_wait / 10)

    def drop(self) -> None:
        """Remove it from the server."""
        self.description()  # which refuses one of another program
        self.connection.call("drop_collection", self.name)

    def _query(self, expression: str, fields: Sequence[str], **options: Any) -> list[dict[str, Any]]:
        level = self._level()
        return list(
            self.connection.call(
                "query", self.name, filter=expression, output_fields=list(fields), consistency_level=level, **options
            )
        )

    def _level(self) -> str:
        return "Strong" if time.monotonic() - self._written < self.settings.settling else self.settings.consistency


def numbered(numbers: Iterable[int]) -> str:
    """The expression of some numbers; the lowest of all cannot be written by the server's language."""
    listed = [int(number) for number in numbers]
    named = f"{NUMBER} in [{', '.join(str(number) for number in listed if number > LOWEST)}]"
    return f"({named} or {NUMBER} < {LOWEST + 1})" if LOWEST in listed else named
