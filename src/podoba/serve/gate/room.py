"""Room for heavy work: a few threads, a short line before them, and an honest answer to who comes when both are full."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import ParamSpec, TypeVar

from podoba.serve.gate.settings import GateSettings
from podoba.serve.problems import Problem

P = ParamSpec("P")
T = TypeVar("T")


class Room:
    """A bounded pool of threads for the work of requests: `hits = await served.room.run(search, query)`.

    Attributes:
        inside: how many are worked on or wait.
        refused: how many were sent away since the start.
    """

    def __init__(self, settings: GateSettings) -> None:
        self.settings = settings
        self.inside = 0
        self.refused = 0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="room")

    async def run(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What `work` gives back, done in a thread. Where the caller is cancelled, work that has not begun never does.

        Raises:
            Problem: 503 where the line is full.
        """
        with self._lock:
            if self.inside >= self.settings.workers + self.settings.waiting:
                self.refused += 1
                raise busy(self.settings.retry_seconds)
            self.inside += 1
        future = self._pool.submit(partial(work, *args, **options))
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self.inside -= 1

    @property
    def waiting(self) -> int:
        """How many wait."""
        return max(0, self.inside - self.settings.workers)

    def close(self) -> None:
        """Let no more in; who waits is sent away, and what is worked on is waited for."""
        self._pool.shutdown(cancel_futures=True)


def busy(seconds: int) -> Problem:
    """The answer to who comes when there is no room."""
    return Problem(503, "busy", "the server is busy: try again in a moment", {"Retry-After": str(seconds)})
