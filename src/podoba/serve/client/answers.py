"""What the API answers, with types; members that a newer server adds are passed over."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Something that was answered; it does not change."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ModelName(Answer):
    """The model of a collection."""

    name: str
    dim: int
    calibrated: bool
    words: bool


class CollectionFacts(Answer):
    """A collection that is served.

    Attributes:
        state: `empty` and `missing` ones have no items yet; the database of one that is `away` does not answer.
        capabilities: what can be done with it: of a collection in a database `search` and `mark`.
        attributes: names by which items may be filtered.
    """

    name: str
    items: int
    state: Literal["ready", "empty", "missing", "away"]
    model: ModelName | None
    labels: bool
    attributes: list[str]
    capabilities: list[str]


class Hit(Answer):
    """One result, as `podoba.collection.search.results.Hit`.

    Attributes:
        uri: where its image is; None where the server does not tell places.
        name: of its file.
        width, height: in pixels; None where the item has gone since.
    """

    rank: int
    id: str
    uri: str | None
    label: str | None
    similarity: float
    probability: float | None
    score: float | None
    name: str
    width: int | None
    height: int | None


class ItemName(Answer):
    """An item that is an image of the query itself."""

    id: str
    uri: str | None
    label: str | None
    name: str


class Nearest(Answer):
    """The nearest item, whatever was asked of its probability or score."""

    similarity: float
    probability: float | None


class SearchResult(Answer):
    """The hits of a query in their order, as `podoba.collection.search.results.SearchResult`.

    Attributes:
        query: in words.
        exact: whether no better item can have been missed.
        marks: how many marked items the order was learned from; None without feedback.
        itself: the items that are an image of the query.
        nearest: None where the collection has nothing else.
    """

    query: str
    hits: list[Hit]
    exact: bool
    seconds: float
    marks: int | None
    itself: list[ItemName]
    nearest: Nearest | None

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:  # type: ignore[override]
        """The hits, not the names of the attributes as pydantic has it."""
        return iter(self.hits)


class Item(Answer):
    """An item.

    Attributes:
        uri: where its image is; None where the server does not tell places.
        size: of its file, in bytes.
    """

    id: str
    name: str
    uri: str | None
    label: str | None
    width: int
    height: int
    format: str
    size: int
    attributes: dict[str, str | int | float | None]


class Value(Answer):
    """A value, and how many items have it."""

    value: str | int | float
    count: int


class Bin(Answer):
    """Numbers from one to another, and how many items have such a one."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    count: int


class Facet(Answer):
    """A property of items, counted."""

    name: str
    kind: Literal["values", "numbers"]
    values: list[Value]
    missing: int
    min: float | None
    max: float | None
    bins: list[Bin]
    distinct: int


class Mark(Answer):
    """That an item is right or wrong as an answer to a query.

    Attributes:
        query: what the marks of a query are kept under.
        asked: the query in words.
        id: of the item; None where it has gone.
    """

    query: str
    asked: str
    id: str | None
    name: str
    right: bool
    made: str
    model: str


class Member(Item):
    """An image of a group of duplicates.

    Attributes:
        kind: of duplicate, of the best one; None for that one itself.
        suggested: whether it is suggested to stay.
        stays: whether it stays, as decided, else as suggested.
    """

    kind: str | None
    suggested: bool
    stays: bool


class DuplicateGroup(Answer):
    """Images that are one picture.

    Attributes:
        group: by which it is decided.
        decision: the last one, for `decide_duplicates`.
    """

    group: str
    kind: str
    state: str
    decision: int | None
    items: list[Member]


class Job(Answer):
    """Long work behind the server.

    Attributes:
        total: 0 where it is not known.
        code: why it failed, or what it waits for.
        skipped: how many files were left out.
        version: counts its changes.
    """

    id: str
    kind: str
    collection: str
    state: Literal["waiting", "running", "paused", "stopped", "done", "failed"]
    stage: str
    done: int
    total: int
    seconds_left: float | None
    code: str | None
    message: str | None
    skipped: int
    result: dict[str, Any] | None
    can_pause: bool
    version: int

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens unless it is started again."""
        return self.state in ("stopped", "done", "failed")


class SkippedFile(Answer):
    """A file that a job left out, and why."""

    name: str
    uri: str | None
    reason: str


class Folder(Answer):
    """A folder that the server may index, with what lies in it directly."""

    root: int
    path: str
    name: str
    pictures: int
    folders: int


class ModelFacts(Answer):
    """A model on the server's computer.

    Attributes:
        collections: those served whose descriptors are of it.
        here: whether its file is there.
    """

    name: str
    origin: str
    collections: list[str]
    here: bool
    dim: int
    words: bool
    licence: str | None
