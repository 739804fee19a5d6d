"""An object store on loopback: moto, which answers as S3 does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import fsspec
import pytest
from moto.server import ThreadedMotoServer

VARIABLES = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of the server; the environment of this process names it while the session runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**VARIABLES, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        yield address
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> Callable[[], str]:
    """Makes new buckets: `s3://NAME`."""

    def make() -> str:
        name = f"bucket-{uuid4().hex[:8]}"
        fsspec.filesystem("s3", use_listings_cache=False).mkdir(name)
        return f"s3://{name}"

    return make
