"""`podoba remove`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection

Command = Callable[..., Any]


def test_items_are_removed_by_id_or_by_a_filter(command: Command, collection: Path) -> None:
    with Collection.open(collection, read_only=True) as opened:
        first, second = (item.id for item in opened.items("label == 'green'")[:2])
    assert command("remove", collection, first, f"id:{second}").err == "2 items removed\n"
    removed = command("remove", collection, "--where", "label == 'red'", "--json")
    assert removed.json == {"collection": str(collection), "removed": 12}
    assert command("info", collection, "--json").json["items"] == 22


def test_an_unknown_id_is_an_error_and_nothing_is_removed(command: Command, collection: Path) -> None:
    done = command("remove", collection, "nothing")
    assert (done.code, "no item of id 'nothing'" in done.err) == (1, True)
    assert command("remove", collection).code == 2
    assert command("info", collection, "--json").json["items"] == 36
