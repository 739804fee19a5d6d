"""Items and hits as they are answered."""

from typing import Any

from pydantic_core import to_json

from podoba.collection.search.results import Hit
from podoba.collection.storage.items import Item, ItemName, Size
from podoba.files import shown


def name_of(uri: str) -> str:
    """The name of a file by its place."""
    return shown(uri).rpartition("/")[2]


def item_json(item: Item, show_paths: bool) -> dict[str, Any]:
    """An item; its place only where that may be shown."""
    return {
        "id": item.id, "name": name_of(item.uri), "label": item.label, "width": item.width, "height": item.height,
        "format": item.format, "size": item.size, "attributes": dict(item.attributes),
        "uri": shown(item.uri) if show_paths else None,
    }  # fmt: skip


def hit_json(hit: Hit, size: Size, show_paths: bool) -> dict[str, Any]:
    """A hit, with width and height of its item."""
    width, height = size
    return {
        "id": hit.id, "name": name_of(hit.uri), "label": hit.label, "width": width, "height": height,
        "uri": shown(hit.uri) if show_paths else None, "rank": hit.rank, "similarity": hit.similarity,
        "probability": hit.probability, "score": hit.score,
    }  # fmt: skip


def named_json(name: ItemName, show_paths: bool) -> dict[str, Any]:
    """What is told of an item that is the query itself."""
    return {"id": name.id, "name": name_of(name.uri), "label": name.label, "uri": shown(name.uri) if show_paths else None}


def encoded(answer: Any) -> bytes:
    """An answer as JSON, UTF-8."""
    return to_json(answer)
