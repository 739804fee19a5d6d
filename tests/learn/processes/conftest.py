"""A port at which processes find each other."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture
def port() -> int:
    """A free port of loopback."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])
