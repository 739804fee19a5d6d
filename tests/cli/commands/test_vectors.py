"""`podoba vectors`, as far as it goes without a server; with one: tests/scale/vectors/loading/test_load.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from podoba.cli.commands.vectors import app
from podoba.errors import CollectionError


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["info", "photos.podoba"], "no address of a vector database"),
        (["load", "milvus://127.0.0.1:1/a-b", "."], "a name there has letters"),
        (["load", "milvus://127.0.0.1:1/photos", "{empty}"], "no shards are there"),
        (["remove", "http://127.0.0.1/photos", "--yes"], "no address of a vector database"),
    ],
)
def test_what_a_person_can_mistake_is_said(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(app, [one.replace("{empty}", str(tmp_path)) for one in arguments])
    assert isinstance(done.exception, CollectionError)
    assert says in str(done.exception)
    assert done.stdout == ""
