"""Servers of nothing, with limits that a test chooses, and requests written by hand."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from podoba.serve.gate.settings import GateSettings

Serve = Callable[..., Any]


class Said(NamedTuple):
    """What a server answered to bytes.

    Attributes:
        answer: all that came.
        closed: whether it closed the connection.
        seconds: until then.
    """

    answer: bytes
    closed: bool
    seconds: float

    @property
    def status(self) -> int:
        return int(self.answer.split(b" ", 2)[1]) if self.answer else 0


Say = Callable[..., Said]


@pytest.fixture(scope="session")
def bare(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Starts a server of a collection that does not exist, with these limits."""

    @contextmanager
    def start(**limits: Any) -> Iterator[Any]:
        with serve([tmp_path_factory.mktemp("bare") / "none.podoba"], gate=GateSettings(**limits)) as site:
            yield site

    return start


@pytest.fixture
def missing(tmp_path: Path) -> Path:
    """The place of a collection that was not made."""
    return tmp_path / "none.podoba"


@pytest.fixture(scope="session")
def say() -> Say:
    """Sends bytes to a site, in pieces with pauses where several are given, and reads till it closes or says nothing more."""

    def send(site: Any, *pieces: bytes, wait: float = 3.0, pause: float = 0.0) -> Said:
        begun = time.monotonic()
        answer, closed = b"", False
        with socket.create_connection(("127.0.0.1", site.settings.port), timeout=wait) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    answer += _during(connection, pause)
                connection.settimeout(wait)
                while got := connection.recv(1 << 16):
                    answer += got
                closed = True
            except TimeoutError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                closed = True
        return Said(answer, closed, time.monotonic() - begun)

    return send


def _during(connection: socket.socket, seconds: float) -> bytes:
    """What comes within a pause: a connection that is closed while something is unread loses it."""
    answer, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            got = connection.recv(1 << 16)
        except TimeoutError:
            break
        if not got:
            break
        answer += got
    return answer


@pytest.fixture(scope="session")
def head() -> Callable[..., bytes]:
    """The line and the headers of a request."""

    def write(site: Any, line: str, *headers: str, host: str | None = None) -> bytes:
        port = site.settings.port
        named = f"127.0.0.1:{port}" if host is None else host.replace("PORT", str(port))
        lines = [f"{line} HTTP/1.1", *([f"Host: {named}"] if named else []), *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    return write
