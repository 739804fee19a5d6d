"""Addresses of collections in a vector database."""

from __future__ import annotations

import pytest

from podoba.errors import CollectionError
from podoba.scale.vectors.address import parse_address


def test_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILVUS_TOKEN", raising=False)
    plain = parse_address("milvus://db.local/photos")
    assert (plain.host, plain.port, plain.collection, plain.database, plain.token) == ("db.local", 19530, "photos", "", "")
    assert plain.server == "http://db.local:19530"
    full = parse_address("milvuss://me:pass%40word@db.local:123/museum/photos")
    assert (full.port, full.database, full.collection, full.token) == (123, "museum", "photos", "me:pass@word")
    assert full.server == "https://db.local:123"
    assert str(full) == "milvuss://db.local:123/museum/photos"
    assert "word" not in repr(full)
    assert str(parse_address("milvus://[::1]:1/a")) == "milvus://[::1]:1/a"
    monkeypatch.setenv("MILVUS_TOKEN", "key")
    assert parse_address("milvus://db.local/photos").token == "key"


@pytest.mark.parametrize(
    "text",
    [
        "photos.podoba", "milvus://", "milvus://host", "milvus://host/", "milvus://host/a/b/c", "milvus://host/1a", "milvus://host/a-b",
        "milvus://host:port/a", "milvus://host:99999/a", "milvus://host/a?b=c", "http://host/a", "milvus://me:secret@host/a b",
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_in_one_line(text: str) -> None:
    with pytest.raises(CollectionError, match="write it like milvus://localhost:19530/photos") as caught:
        parse_address(text)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
