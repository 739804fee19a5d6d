"""A server that is away is one line."""

from __future__ import annotations

import time

import pytest

from podoba.errors import CollectionAway, CollectionError, CollectionMissing
from podoba.scale.vectors.address import parse_address
from podoba.scale.vectors.connection import Connection
from podoba.scale.vectors.open import open_vectors
from tests.scale.servers.milvus import MilvusProcess, free_ports

pytest.importorskip("pymilvus")


def test_nobody_there(capfd: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    with pytest.raises(CollectionAway, match=r"the server is away or not ready .*: start it, or check host and port") as caught:
        open_vectors(f"milvus://me:secret@127.0.0.1:{free_ports(1)[0]}/photos")
    assert time.monotonic() - started < 15
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


@pytest.mark.scale
def test_what_the_server_refuses(milvus_server: MilvusProcess, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CollectionMissing, match="no such collection: fill it with `podoba vectors load"):
        open_vectors(f"milvus://{milvus_server.address}/nothing_here")
    connection = Connection(parse_address(f"milvus://{milvus_server.address}/nothing_here"))
    with pytest.raises(CollectionError, match="refuses what it was asked") as caught:
        connection.call("query", "nothing_here", filter="1 +", output_fields=[])
    assert "\n" not in str(caught.value)
    connection.close()
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
