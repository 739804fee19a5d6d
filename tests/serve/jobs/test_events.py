"""Streams of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from podoba.serve.jobs.events import events_of
from podoba.serve.jobs.runner import Jobs, State
from podoba.serve.jobs.settings import JobSettings


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(Path, JobSettings(heartbeat=0.05, pace=0.02, retry=0.5))


def run(coroutine: Coroutine[Any, Any, list[str]]) -> list[str]:
    """In a thread of its own: that of the tests may have a loop already, of the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def parsed(event: str) -> tuple[int, Any]:
    fields = dict(line.split(": ", 1) for line in event.strip().split("\n"))
    assert fields["event"] == "state"
    return int(fields["id"]), json.loads(fields["data"])


async def taken(jobs: Jobs, states: list[State], last: int | None) -> list[str]:
    """All events of a subject that goes through these states, one at each look."""
    found = [event async for event in events_of(jobs, lambda: states.pop(0) if len(states) > 1 else states[0], last)]
    assert jobs._listeners == {}
    return found


def test_each_new_state_is_an_event_until_the_last(jobs: Jobs) -> None:
    states: list[State] = [(1, False, {"at": "a"}), (2, False, {"at": "b"}), (5, True, {"at": "c"})]
    found = run(taken(jobs, states, None))
    assert found[0] == "retry: 500\n\n"
    assert [parsed(event) for event in found if event.startswith("id")] == [(1, {"at": "a"}), (2, {"at": "b"}), (5, {"at": "c"})]


def test_what_was_seen_is_not_sent_again(jobs: Jobs) -> None:
    found = run(taken(jobs, [(2, False, {"at": "b"}), (3, True, {"at": "c"})], 2))
    assert [parsed(event) for event in found if event.startswith("id")] == [(3, {"at": "c"})]


def test_silence_is_broken_now_and_then(jobs: Jobs) -> None:
    found = run(
        taken(jobs, [(1, False, {"at": "a"}), (1, False, {"at": "a"}), (1, False, {"at": "a"}), (2, True, {"at": "b"})], None)
    )
    assert found.count(": nothing new\n\n") == 3


def test_a_change_is_sent_at_once_and_the_end_of_the_server_ends_the_stream() -> None:
    jobs = Jobs(Path, JobSettings(heartbeat=600, pace=0))

    async def follow() -> list[str]:
        version = 1
        found = []
        stream = events_of(jobs, lambda: (version, False, {"at": version}), None)
        async for event in stream:
            found.append(event)
            if event.startswith("id: 1"):
                version = 2
                asyncio.get_running_loop().call_later(0.05, jobs._tell)
            if event.startswith("id: 2"):
                asyncio.get_running_loop().call_later(0.05, jobs.end)
        return found

    found = run(asyncio.wait_for(follow(), 30))
    assert [parsed(event)[0] for event in found[1:]] == [1, 2]
