"""Commands take the address of a collection in no file, or say that they need a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.scale.open import OPENERS
from tests.collection.memory_vectors import MemoryVectors, copied

Command = Callable[..., Any]
ADDRESS = "memory://here:19530/pictures"
WITH_USER = "memory://me:secret@here:19530/pictures"


@pytest.fixture
def there(collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryVectors]:
    """The items of `collection` at `ADDRESS`."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    with Collection.open(collection, read_only=True) as opened:
        vectors = copied(opened, ADDRESS)

        def open_memory(address: str, device: str | None, patience: float | None) -> MemoryVectors:
            assert address in (ADDRESS, WITH_USER)
            return vectors

        monkeypatch.setitem(OPENERS, "memory", open_memory)
        yield vectors


def test_it_is_searched_as_its_file(command: Command, collection: Path, there: MemoryVectors, pictures: Path) -> None:
    asked = [str(pictures / "test" / "red" / "13.png"), "--where", "label == 'red'", "-k", "5", "--json"]
    found, expected = (command("search", place, *asked).json["hits"] for place in (ADDRESS, collection))
    assert [hit["id"] for hit in found] == [hit["id"] for hit in expected]
    assert len(found) == 5
    assert "no item passes the filter" in command("search", ADDRESS, *asked[:1], "--where", "label == 'none'").err
    assert found[0]["uri"] in command("search", ADDRESS, *asked[:1]).out


def test_it_is_marked_told_and_items_are_removed(command: Command, there: MemoryVectors) -> None:
    query, right, wrong = (item.id for item in there.store.items.first(3))
    done = command("mark", ADDRESS, f"id:{query}", "--right", right, "--wrong", wrong, "--json")
    assert done.json == {"collection": ADDRESS, "query": f"id:{query}", "right": [right], "wrong": [wrong], "marks": 2}
    assert command("search", ADDRESS, f"id:{query}", "--feedback", "--json").json["marks"] == 2
    count = len(there.store.items)
    assert command("info", ADDRESS, "--json").json["items"] == count
    assert f"items: {count}" in command("info", ADDRESS).out
    assert command("mark", ADDRESS, "--forget", "--all", "--json").json["forgotten"] == 2
    assert command("remove", ADDRESS, right, "--json").json["removed"] == 1
    assert len(there.store.items) == count - 1


@pytest.mark.parametrize(
    "words",
    [
        ["duplicates", "AT"], ["map", "AT"], ["index", "AT", "photos"], ["check", "AT"], ["export", "AT", "out.parquet"],
        ["copy", "AT", "copy.podoba"], ["import", "AT", "some.parquet"],
    ],
    ids=lambda words: str(words[0]),
)  # fmt: skip
def test_what_needs_a_file_says_how_to_get_one(command: Command, there: MemoryVectors, words: list[str]) -> None:
    done = command(*[WITH_USER if word == "AT" else word for word in words])
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith(f"error: {ADDRESS}: this needs a collection file")
    assert "`podoba import FILE.podoba FOLDER`" in done.err


def test_an_unknown_kind_of_address_and_a_server_that_is_away_are_one_line(command: Command, there: MemoryVectors) -> None:
    done = command("search", "milvsu://here/pictures", "id:0")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "did you mean milvus?" in done.err
    there.store.away = True
    done = command("search", ADDRESS, "id:0")
    assert (done.code, done.err.splitlines()) == (1, [f"error: {ADDRESS}: it does not answer: start it, and try again"])


def test_a_server_serves_it_and_shows_no_user(
    command: Command, there: MemoryVectors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from podoba.serve.runtime_file import running_servers
    from podoba.serve.server import Server

    found = []
    monkeypatch.setattr(Server, "run", lambda server, sockets: found.append((server.served, running_servers())))
    monkeypatch.setenv("PODOBA_RUNTIME", str(tmp_path / "run"))
    done = command("serve", WITH_USER, tmp_path / "new.podoba", "--port", "0", "--no-browser", "--json")
    places = {"pictures": ADDRESS, "new": str(tmp_path / "new.podoba")}
    assert done.json["collections"] == places
    ((served, (running,)),) = found
    assert running.collections == places
    assert served.state("pictures") == "ready"
    there.store.away = True
    waiting = command("serve", WITH_USER, "--port", "0", "--no-browser")
    assert waiting.code == 0
    assert f"{ADDRESS}: it does not answer" in waiting.err
    assert "secret" not in done.out + done.err + waiting.out + waiting.err
