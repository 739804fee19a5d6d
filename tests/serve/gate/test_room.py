"""Bounded work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from podoba.serve.gate.room import Room
from podoba.serve.gate.settings import GateSettings
from podoba.serve.problems import Problem


def run(test: Callable[..., object], workers: int = 2, waiting: int = 2) -> None:
    """Run a coroutine of a test with a room."""

    async def within() -> None:
        room = Room(GateSettings(workers=workers, waiting=waiting))
        await test(room)  # type: ignore[misc]
        room.close()

    with ThreadPoolExecutor(1) as alone:  # where a browser of other tests runs no loop already
        alone.submit(asyncio.run, within()).result(20)


def test_work_is_done_in_a_thread() -> None:
    async def test(room: Room) -> None:
        def work(a: int, b: int) -> tuple[str, int]:
            return threading.current_thread().name, a + b

        name, total = await room.run(work, 1, b=2)
        assert name.startswith("room")
        assert total == 3
        assert room.inside == 0

    run(test)


def test_an_error_of_the_work_is_the_callers() -> None:
    async def test(room: Room) -> None:
        with pytest.raises(ZeroDivisionError):
            await room.run(lambda: 1 / 0)
        assert room.inside == 0

    run(test)


def test_who_comes_when_the_line_is_full_is_sent_away() -> None:
    async def test(room: Room) -> None:
        opened = threading.Event()
        tasks = [asyncio.create_task(room.run(opened.wait)) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert (room.inside, room.waiting) == (4, 2)
        with pytest.raises(Problem) as refused:
            await room.run(opened.wait)
        assert (refused.value.status, refused.value.code) == (503, "busy")
        assert refused.value.headers == {"Retry-After": "1"}
        assert room.refused == 1
        opened.set()
        assert await asyncio.gather(*tasks) == [True] * 4
        assert await room.run(lambda: "again") == "again"

    run(test)


def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    async def test(room: Room) -> None:
        opened = threading.Event()
        begun: list[int] = []
        first = asyncio.create_task(room.run(opened.wait))
        second = asyncio.create_task(room.run(begun.append, 1))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert room.inside == 1
        opened.set()
        await first
        await room.run(begun.append, 2)
        assert begun == [2]

    run(test, workers=1)
