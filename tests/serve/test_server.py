"""The end of a server."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

Serve = Callable[..., AbstractContextManager[Any]]


def test_streams_of_events_end_with_the_server(serve: Serve, shapes_collection: Path) -> None:
    with serve([shapes_collection]) as site:
        client = site.client()
        stream = client.stream("GET", "/jobs/events")
        answer = stream.__enter__()
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("data")) == 'data: {"jobs": []}'
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 5
    assert not any(line.startswith("data") for line in lines)
    stream.__exit__(None, None, None)
    client.close()
