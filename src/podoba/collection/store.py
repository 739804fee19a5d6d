"""A collection on disk: items, their attributes and descriptors, and the model that made them."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.collection.filters import compile_filter
from podoba.collection.schema import connect
from podoba.errors import CollectionError
from podoba.images.record import Attribute
from podoba.models.card import Card
from podoba.models.encoder import Encoder

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """An image of a collection."""

    id: str
    uri: str
    source: str
    label: str | None
    content: str  # sha256 of the file's bytes
    bytes: int
    stamp: str | None  # as `ImageRecord.stamp`
    width: int
    height: int
    format: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


COLUMNS = "id, uri, source, label, content, bytes, stamp, width, height, format, attributes"


class Collection:
    """One SQLite file: `Collection.open(path)`; used as a context it is closed at the end."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: str | Path, *, create: bool = False, read_only: bool = False) -> Collection:
        """Open the collection in a file.

        Raises:
            CollectionError: missing (unless `create`), damaged, foreign or newer file.
        """
        path = Path(path).expanduser()
        return cls(path, connect(path, create=create, read_only=read_only))

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM items"))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, as one process at a time may; it ends with the process, however that ends.

        Raises:
            CollectionError: another process is writing.
        """
        with self.path.with_name(self.path.name + ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CollectionError(f"{self.path}: another process is writing to it: wait until it is done") from error
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside stands at the end, or nothing of it."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise CollectionError(f"{self.path}: cannot be written ({error}): check permissions and other processes") from error
        try:
            yield
            self._connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise CollectionError(f"{self.path}: cannot be written ({error}); what was there before still stands") from error
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    # What model made the descriptors.

    @property
    def card(self) -> Card | None:
        """The card of the collection's model; None while it is empty."""
        text = self.fact("card")
        return None if text is None else Card.from_json(text)

    def fact(self, key: str) -> str | None:
        """A remembered fact: `model` (its name), `fingerprint`, `card`."""
        row = self._connection.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def claim(self, encoder: Encoder, name: str) -> None:
        """Remember the model, or check that it is the one remembered.

        Raises:
            CollectionError: the collection was built with another model.
        """
        known = self.fact("fingerprint")
        if known is None:
            facts = {"model": name, "fingerprint": encoder.fingerprint, "card": encoder.card.to_json()}
            with self.transaction():
                self._connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
        elif known != encoder.fingerprint:
            raise CollectionError(
                f"{self.path}: built with model {self.fact('model')!r} ({known}), not with {name!r} ({encoder.fingerprint}): "
                "leave --model out, or index into a new file"
            )

    # Items.

    def put(self, items: Sequence[Item], descriptors: Floats) -> None:
        """Add items with their descriptors (n, dim), float32, unit length; an item of the same id is replaced."""
        columns = COLUMNS.split(", ")
        statement = (
            f"INSERT INTO items ({COLUMNS}, descriptor) VALUES ({', '.join('?' * (len(columns) + 1))}) "
            f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in [*columns, 'descriptor'])}"
        )
        rows = [
            (*_row(item), np.ascontiguousarray(descriptor, dtype="<f4").tobytes())
            for item, descriptor in zip(items, descriptors, strict=True)
        ]
        self._connection.executemany(statement, rows)

    def items(self, where: str | None = None) -> list[Item]:
        """The items, all or those of a filter, in the order in which they came."""
        condition, values = compile_filter(where)
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM items WHERE {condition} ORDER BY number", values)
        return [_item(row) for row in rows]

    def item(self, id_: str) -> Item:
        """One item. Raises `CollectionError` where there is none of this id."""
        row = self._connection.execute(f"SELECT {COLUMNS} FROM items WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise CollectionError(f"{self.path}: no item of id {id_!r}: ids are printed by `podoba search --json`")
        return _item(row)

    def with_content(self, content: str) -> list[tuple[Item, Floats]]:
        """Items with exactly these bytes, and their descriptors."""
        rows = self._connection.execute(f"SELECT {COLUMNS}, descriptor FROM items WHERE content = ?", (content,))
        return [(_item(row[:-1]), np.frombuffer(row[-1], dtype="<f4")) for row in rows]

    def descriptor(self, id_: str) -> Floats:
        """The descriptor (dim,), float32, of one item. Raises `CollectionError` where there is none of this id."""
        self.item(id_)
        blob = self._connection.execute("SELECT descriptor FROM items WHERE id = ?", (id_,)).fetchone()[0]
        return np.frombuffer(blob, dtype="<f4")

    def descriptors(self, where: str | None = None) -> tuple[list[str], Floats]:
        """Ids (n) and descriptors (n, dim), float32, of all items or those of a filter."""
        condition, values = compile_filter(where)
        rows = self._connection.execute(f"SELECT id, descriptor FROM items WHERE {condition} ORDER BY number", values).fetchall()
        card = self.card
        dim = card.dim if card is not None else 0
        wrong = next((id_ for id_, blob in rows if len(blob) != 4 * dim), None)
        if wrong is not None:
            raise CollectionError(f"{self.path}: the descriptor of {wrong} is damaged: run `podoba check {self.path}`")
        matrix = np.frombuffer(b"".join(blob for _, blob in rows), dtype="<f4").reshape(len(rows), dim)
        return [id_ for id_, _ in rows], matrix

    def remove(self, ids: Sequence[str]) -> int:
        """Forget items; the images themselves stay where they are. Gives back how many there were."""
        before = len(self)
        self._connection.executemany("DELETE FROM items WHERE id = ?", [(id_,) for id_ in ids])
        return before - len(self)

    # What was skipped.

    def skipped(self) -> dict[str, tuple[str | None, str]]:
        """Images that could not be read: uri to the file's stamp and the reason."""
        rows = self._connection.execute("SELECT uri, stamp, reason FROM skipped")
        return {uri: (stamp, reason) for uri, stamp, reason in rows}

    def remember_skipped(self, rows: Sequence[tuple[str, str | None, str]]) -> None:
        """Note (uri, stamp, reason) of unreadable images, so that they are tried again only when changed."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)",
            [(_text(uri), stamp, reason) for uri, stamp, reason in rows],
        )

    def forget_skipped(self, uris: Sequence[str]) -> None:
        """Drop notes of images that are gone or now readable."""
        self._connection.executemany("DELETE FROM skipped WHERE uri = ?", [(_text(uri),) for uri in uris])

    # The whole.

    def info(self) -> dict[str, Any]:
        """What `podoba info --json` prints."""
        card = self.card
        return {
            "collection": str(self.path),
            "items": len(self),
            "labels": int(self._one("SELECT count(DISTINCT label) FROM items")),
            "skipped": int(self._one("SELECT count(*) FROM skipped")),
            "dim": card.dim if card else None,
            "model": self.fact("model"),
            "bytes": self.path.stat().st_size,
            "index": {"kind": "exact", "recall@10": 1.0, "fresh": True},
        }

    def check(self) -> list[str]:
        """What is wrong with the file or its images, a line each; empty where all is well."""
        try:
            found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check")]
            problems = [] if found == ["ok"] else [f"the file is damaged: {line}" for line in found]
            card = self.card
            for id_, uri, blob in self._connection.execute("SELECT id, uri, descriptor FROM items"):
                values = np.frombuffer(blob, dtype="<f4") if len(blob) % 4 == 0 else np.empty(0, np.float32)
                if card is None or len(values) != card.dim or not abs(float(values @ values) - 1) < 1e-2:
                    problems.append(f"{uri}: the descriptor of {id_} is damaged: remove the item and index again")
                place = uri.partition("!/")[0]
                if place.startswith("/") and not Path(place).exists():
                    problems.append(f"{uri}: the image is gone: index its folder again")
        except sqlite3.DatabaseError as error:
            return [f"the file is damaged: {error}"]
        return problems

    def _one(self, statement: str) -> Any:
        try:
            return self._connection.execute(statement).fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise CollectionError(f"{self.path}: damaged ({error}): run `podoba check {self.path}`") from error


def _row(item: Item) -> tuple[Any, ...]:
    return (
        item.id, _text(item.uri), _text(item.source), item.label, item.content, item.bytes, item.stamp, item.width, item.height,
        item.format, json.dumps(dict(item.attributes), ensure_ascii=False),
    )  # fmt: skip


def _item(row: Sequence[Any]) -> Item:
    known = dict(zip(COLUMNS.split(", "), row, strict=True))
    return Item(**(known | {"attributes": json.loads(row[-1])}))


def _text(name: str) -> str:
    """A file name that is not UTF-8 in a form that can be stored; ids are made of the name as it is."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
