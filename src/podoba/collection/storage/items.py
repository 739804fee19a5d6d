"""The items of a collection: what is known of each image, in one row."""

import json
import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np

from podoba.arrays import Indices
from podoba.collection.filters.sql import compile_filter
from podoba.collection.storage.checksums import checksum_of, checksum_of_row
from podoba.collection.storage.database import Database
from podoba.collection.storage.generations import TOUCH, current_generation
from podoba.collection.storage.schema import CHECKED, damaged
from podoba.errors import CollectionError, UnknownItem
from podoba.files import from_name, shown, to_name
from podoba.images.record import Attribute

BY_ID = "id:"  # before the id of an item whose content is not known
COLUMNS = (
    "id", "uri", "source", "label", "content", "size", "stamp", "width", "height", "format", "attributes",
)  # fmt: skip
BOUND = [f"?{place}" for place in range(1, len(COLUMNS) + 1)]
GENERATION = f"?{len(COLUMNS) + 1}"
READ_ALONE = f"SELECT number, {', '.join(COLUMNS)}, checksum FROM items"
READ = (
    f"SELECT {', '.join(f'items.{name}' for name in COLUMNS)}, items.checksum, root "
    "FROM items LEFT JOIN sources ON sources.number = items.source"
)
ADD = (
    f"INSERT INTO items ({', '.join(COLUMNS)}, generation, checksum) "
    f"VALUES ({', '.join(BOUND)}, {GENERATION}, {checksum_of(BOUND)}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in [*COLUMNS, 'generation', 'checksum'])}"
)
CHANGE = (
    f"UPDATE items SET {', '.join(f'{name} = {value}' for name, value in zip(COLUMNS, BOUND, strict=True))}, "
    f"generation = {GENERATION}, checksum = {checksum_of(BOUND)} WHERE id = ?{len(COLUMNS) + 2}"
)
DECIDED = ("number", "batch", "made", "?1", "picture", "kept")
FOLLOW = f"UPDATE decisions SET item = ?1, checksum = {checksum_of(DECIDED)} WHERE item = ?2"


@dataclass(frozen=True, slots=True)
class Item:
    """An image of a collection.

    Attributes:
        id, uri, label, stamp, attributes: as in `ImageRecord`.
        source: the place it was found in: `ImageSource.root`, and the split where only one was listed.
        content: sha256 of the encoded bytes; empty where they are not known, as those of imported descriptors.
        size: number of encoded bytes.
        width, height: pixels, upright.
        format: as Pillow names it, such as JPEG.
    """

    id: str
    uri: str
    source: str
    label: str | None
    content: str
    size: int
    stamp: str | None
    width: int
    height: int
    format: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    @property
    def picture(self) -> str:
        """What images of the same bytes share: their content, or `id:ID` where it is not known, since unknown equals nothing."""
        return self.content or f"{BY_ID}{self.id}"


Size = tuple[int, int]
"""Width and height in pixels."""


class ItemName(NamedTuple):
    """What a result shows of an item."""

    id: str
    uri: str
    label: str | None


def clean_attributes(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Attributes as JSON can hold them: text that is UTF-8, in composed Unicode (NFC); numbers that are finite."""
    return {shown(name): _clean(value) for name, value in attributes.items()}


def to_row(item: Item, source: int) -> tuple[Any, ...]:
    """The values of `COLUMNS`; sources are kept by number."""
    label = None if item.label is None else _composed(item.label)
    attributes = json.dumps(dict(item.attributes), ensure_ascii=False, sort_keys=True)
    return (
        item.id, to_name(item.uri), source, label, item.content, item.size, item.stamp, item.width, item.height,
        item.format, attributes,
    )  # fmt: skip


def from_row(row: Sequence[Any]) -> Item:
    """The item of the values of `COLUMNS`, their checksum and the root of the source.

    Raises:
        ValueError, TypeError: they are not what was written.
    """
    id_, uri, _, label, content, size, stamp, width, height, kind, attributes, checksum, root = row
    if checksum_of_row(row[: len(COLUMNS)]) != checksum:
        raise ValueError("a row that is not what was written")
    return Item(id_, from_name(uri), from_name(root), label, content, size, stamp, width, height, kind, json.loads(attributes))


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _clean(value: Attribute) -> Attribute:
    if isinstance(value, str):
        return _composed(shown(value))
    return None if isinstance(value, float) and not math.isfinite(value) else value


class ItemTable:
    """The items of a collection; each has a number, which no other item ever had."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._verified = False  # whether the checksums of the items were compared
        self._counted: tuple[tuple[int, str], int] | None = None  # items of a generation

    def __len__(self) -> int:
        database = self._database
        if database.is_writing:
            return database.number("SELECT count(*) FROM items")
        with database.snapshot(), database.explained():
            current = current_generation(database.connection)
            if self._counted is None or self._counted[0] != current:
                self._counted = current, database.number("SELECT count(*) FROM items")
            return self._counted[1]

    def select(self, where: str | None = None) -> list[Item]:
        """The items, all or those of a filter, in the order in which they came."""
        condition, values = self.condition(where)
        return self._read(f"WHERE {condition} ORDER BY items.number", values)

    def first(self, count: int, where: str | None = None) -> list[Item]:
        """As many items, of all or of a filter, in the order in which they came."""
        condition, values = self.condition(where)
        return self._read(f"WHERE {condition} ORDER BY items.number LIMIT ?", [*values, count])

    def count(self, where: str | None = None) -> int:
        """How many items there are, all or those of a filter."""
        condition, values = self.condition(where)
        return self._database.number(f"SELECT count(*) FROM items WHERE {condition}", values)

    def get(self, id_: str) -> Item:
        """One item. Raises `CollectionError` where there is none of this id."""
        items = self._read("WHERE id = ?", [id_])
        return items[0] if items else self._unknown(id_)

    def known(self, ids: Iterable[str]) -> dict[str, Item]:
        """Those of these ids that there are, by their ids."""
        items = self._read("WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))])
        return {item.id: item for item in items}

    def names_of(self, numbers: Iterable[int]) -> list[ItemName]:
        """Id, uri and label of the items of these numbers, in that order; errors as of `names_and_sizes_of`."""
        return [name for name, _ in self.names_and_sizes_of(numbers)]

    def names_and_sizes_of(self, numbers: Iterable[int]) -> list[tuple[ItemName, Size]]:
        """Id, uri and label, and width and height of the items of these numbers, in that order, by one statement.

        Raises:
            CollectionError: one of them is missing or damaged.
        """
        wanted = [int(number) for number in numbers]
        rows = self._database.rows(f"{READ_ALONE} WHERE number IN (SELECT value FROM json_each(?))", [json.dumps(wanted)])
        names: dict[int, tuple[ItemName, Size]] = {}
        for number, *values, checksum in rows:
            if checksum_of_row(values) != checksum:
                raise self._damaged("a row that is not what was written")
            names[number] = ItemName(values[0], from_name(values[1]), values[3]), (values[7], values[8])
        if len(names) != len(set(wanted)):
            raise CollectionError(f"{self._database.path}: items are missing: `podoba check {self._database.path}` says more")
        return [names[number] for number in wanted]

    def of_numbers(self, numbers: Iterable[int]) -> dict[int, Item]:
        """The items of these numbers, by number, in no order in particular; those that are not there are left out."""
        wanted = [int(number) for number in numbers]
        statement = f"{READ} WHERE items.number IN (SELECT value FROM json_each(?))".replace("SELECT", "SELECT items.number,", 1)
        rows = self._database.rows(statement, [json.dumps(wanted)])
        try:
            return {row[0]: from_row(row[1:]) for row in rows}
        except (ValueError, TypeError) as error:
            raise self._damaged(str(error)) from error

    def contents_of(self, ids: Sequence[str]) -> dict[str, str]:
        """The sha256 of the images of items, by id; those that are not there, or whose bytes are not known, are left out."""
        statement = "SELECT id, content FROM items WHERE content != '' AND id IN (SELECT value FROM json_each(?))"
        return dict(self._database.rows(statement, [json.dumps(ids)]))

    def with_contents(self, contents: Sequence[str]) -> dict[str, str]:
        """The id of the first item of each of these images, by the sha256 of their bytes; those without one are left out."""
        statement = (
            "SELECT content, id, min(number) FROM items "
            "WHERE content != '' AND content IN (SELECT value FROM json_each(?)) GROUP BY content"
        )
        return {content: id_ for content, id_, _ in self._database.rows(statement, [json.dumps(contents)])}

    def all_contents(self) -> Iterator[tuple[int, str]]:
        """Number and sha256 of every item whose bytes are known, by ascending number."""
        yield from self._database.rows("SELECT number, content FROM items WHERE content != '' ORDER BY number")

    def of_content(self, content: str, limit: int = 1) -> list[Item]:
        """The first items whose image has exactly these bytes (sha256); none where the bytes are not known."""
        if not content:
            return []
        return self._read("WHERE content = ? ORDER BY items.number LIMIT ?", [content, limit])

    def same_as(self, id_: str, content: str) -> Indices:
        """Numbers, int64, ascending, of the item of an id and of those whose image has exactly these bytes (sha256)."""
        statement = "SELECT number FROM items WHERE id = ? OR (content = ? AND content != '') ORDER BY number"
        rows = self._database.rows(statement, [id_, content])
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def number(self, id_: str) -> int:
        """The number of an item. Raises `CollectionError` where there is none of this id."""
        rows = self._database.rows("SELECT number FROM items WHERE id = ?", [id_])
        return int(rows[0][0]) if rows else self._unknown(id_)

    def numbers_of(self, ids: Sequence[str]) -> list[int]:
        """As `number`, of many items, in the order of their ids."""
        statement = "SELECT id, number FROM items WHERE id IN (SELECT value FROM json_each(?))"
        known = dict(self._database.rows(statement, [json.dumps(ids)]))
        return [int(known[id_]) if id_ in known else self.number(id_) for id_ in ids]

    def numbers(self, where: str | None = None) -> Indices:
        """Numbers, int64, ascending, of all items or those of a filter."""
        condition, values = self.condition(where)
        rows = self._database.rows(f"SELECT number FROM items WHERE {condition} ORDER BY number", values)
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def sources(self) -> list[str]:
        """The places that the items were found in (`Item.source`), in the order in which they came."""
        statement = "SELECT root FROM sources WHERE number IN (SELECT source FROM items) ORDER BY number"
        return [from_name(root) for (root,) in self._database.rows(statement)]

    def attribute_names(self) -> list[str]:
        """Names of the attributes that items of this collection have or had."""
        return [str(row[0]) for row in self._database.rows("SELECT name FROM attribute_names ORDER BY name")]

    def condition(self, where: str | None) -> tuple[str, list[Any]]:
        """The SQL condition of a filter, and the values bound in it.

        Before the first filter the checksums of the items are compared, in a file up to `CHECKED` bytes: a flipped bit would
        leave an item out without a word.
        """
        database = self._database
        if where is None:
            return compile_filter(None)
        condition = compile_filter(where, self.attribute_names())
        if not self._verified and database.path.stat().st_size <= CHECKED:
            differing = database.rows(f"SELECT number FROM items WHERE checksum IS NOT {checksum_of(COLUMNS)} LIMIT 1")
            if differing:
                raise damaged(database.path, f"item {differing[0][0]} is not what was written")
            self._verified = True
        return condition

    def put(self, items: Sequence[Item]) -> None:
        """Inside a transaction: add items; one of the same id is replaced."""
        generation = self._database.generation + 1
        sources = self._source_numbers(items)
        self._database.execute_many(ADD, [(*to_row(item, sources[item.source]), generation) for item in items])
        self._changed(items)

    def change(self, changes: Sequence[tuple[str, Item]]) -> None:
        """Give items of these ids other facts, and by them another id where they moved; descriptors stay as they are."""
        with self._database.transaction():
            generation = self._database.generation + 1
            sources = self._source_numbers([item for _, item in changes])
            rows = [(*to_row(item, sources[item.source]), generation, id_) for id_, item in changes]
            self._database.execute_many(CHANGE, rows)
            self._database.execute_many(FOLLOW, [(item.id, id_) for id_, item in changes if item.id != id_])
            self._changed([item for _, item in changes])

    def remove(self, ids: Sequence[str] = (), where: str | None = None) -> int:
        """Remove the items of these ids and those of a filter, with their descriptors. Returns how many there were."""
        with self._database.transaction():
            numbers = [] if where is None else self.numbers(where).tolist()
            rows = self._database.rows("SELECT number FROM items WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(ids)])
            return self.remove_numbers({*numbers, *(int(row[0]) for row in rows)})

    def remove_numbers(self, numbers: Collection[int]) -> int:
        """Remove the items of these numbers. Returns how many there were."""
        with self._database.transaction():
            before, generation = len(self), self._database.generation + 1
            self._database.execute_many(f"{TOUCH} WHERE number = ?2", [(generation, number) for number in numbers])
            self._database.execute_many("DELETE FROM items WHERE number = ?", [(number,) for number in numbers])
            count = before - len(self)
            self._database.note_change(count > 0)
            return count

    def _source_numbers(self, items: Iterable[Item]) -> dict[str, int]:
        numbers = {}
        for root in {item.source for item in items}:
            name = to_name(root)
            self._database.execute("INSERT OR IGNORE INTO sources (root) VALUES (?)", [name])
            numbers[root] = self._database.number("SELECT number FROM sources WHERE root = ?", [name])
        return numbers

    def _changed(self, items: Sequence[Item]) -> None:
        self._database.note_change(bool(items))
        names = {name for item in items for name in item.attributes}
        self._database.execute_many("INSERT OR IGNORE INTO attribute_names VALUES (?)", [(name,) for name in names])

    def _read(self, rest: str, values: Sequence[Any]) -> list[Item]:
        rows = self._database.rows(f"{READ} {rest}", values)
        try:
            return [from_row(row) for row in rows]
        except (ValueError, TypeError) as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> CollectionError:
        return CollectionError(f"{self._database.path}: an item is damaged ({what}): restore the file from a copy")

    def _unknown(self, id_: str) -> NoReturn:
        raise UnknownItem(f"{self._database.path}: no item of id {id_!r}: ids are printed by `podoba search --json`")
