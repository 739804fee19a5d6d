"""Work on independent items in other processes, on this machine or on others, where any of them may die."""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Protocol, TypeVar

from podoba.errors import PodobaError

Item = TypeVar("Item")
Result = TypeVar("Result")

MEMORY = "by the memory running out perhaps: work on fewer at a time, or on smaller ones"


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What became of one item.

    Attributes:
        item: which one.
        result: what the function gave back; None where it failed.
        error: why it failed, in one line; None where it did not.
        attempts: how often it was begun.
    """

    item: Item
    result: Result | None
    error: str | None
    attempts: int


class Executor(Protocol):
    """Where functions run. One item that fails, or kills its process each time, ends as failed, and the rest goes on."""

    @property
    def workers(self) -> int:
        """How many items are worked on at a time, as far as is known."""

    def run(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """The outcome of each item, as it ends; items are taken only as fast as they are worked on.

        Args:
            function: can be pickled, as its items and results can; an item may be begun more than once.
        """


def attempt(function: Callable[[Item], Result], item: Item) -> tuple[Result | None, str | None]:
    """What a function gives back, or in one line why it raised: an exception may not survive the way to another process."""
    try:
        return function(item), None
    except Exception as error:  # whatever it is, it must not stop the others
        reason = str(error) if isinstance(error, PodobaError) else f"{type(error).__name__}: {error}"
        return None, " ".join(reason.split())


def times(count: int) -> str:
    """A number of times in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


class ProcessExecutor:
    """Processes of this machine, each with one item at a time: where one is killed, no other item is lost with it.

    All of them end when `run` does, also where it is ended early or by Ctrl-C.
    """

    def __init__(self, workers: int | None = None, attempts: int = 2) -> None:
        """
        Args:
            workers: processes at a time; as many as there are cores where it is None. They share the cores.
            attempts: how often an item is begun, where its process is killed or the function raises.
        """
        self._workers = workers or os.cpu_count() or 1
        self._attempts = attempts

    @property
    def workers(self) -> int:
        return self._workers

    def run(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """As in `Executor`; a process is started when there is an item for it."""
        source, threads = iter(items), max(1, (os.cpu_count() or 1) // self._workers)
        idle: list[_Worker] = []
        busy: dict[Connection, tuple[_Worker, Item, int]] = {}

        def begin(item: Item, attempts: int) -> None:
            worker = idle.pop() if idle else _Worker(threads)
            busy[worker.connection] = worker, item, attempts
            worker.begin(function, item)

        try:
            while True:
                while len(busy) < self._workers:
                    try:
                        begin(next(source), 1)
                    except StopIteration:
                        break
                if not busy:
                    return
                for connection in wait(list(busy)):
                    assert isinstance(connection, Connection)
                    worker, item, attempts = busy.pop(connection)
                    try:
                        result, error = connection.recv()
                        idle.append(worker)
                    except (EOFError, OSError):
                        result, error = None, f"its process {worker.end()} {times(attempts)}, {MEMORY}"
                    if error is not None and attempts < self._attempts:
                        begin(item, attempts + 1)
                    else:
                        yield Outcome(item, result, error, attempts)
        finally:
            for worker in [*idle, *(worker for worker, _, _ in busy.values())]:
                worker.end()


class _Worker:
    """One process, which works on items that it is sent one after another."""

    def __init__(self, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        # Not a daemon: a training may start processes that load its images.
        self._process = context.Process(target=_work, args=(other,), daemon=False)
        with _threads(threads):
            self._process.start()
        other.close()  # so that the end of the process ends the connection

    def begin(self, function: Callable[[Any], Any], item: object) -> None:
        """Send an item."""
        message = pickle.dumps((function, item))
        with suppress(BrokenPipeError, ConnectionResetError):  # that it is dead already shows when its answer is read
            self.connection.send_bytes(message)

    def end(self) -> str:
        """End the process if it has not ended, and say how it did."""
        self.connection.close()
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with exit code {code}"


def _work(connection: Connection) -> None:
    """Work on what comes until nobody is there to send more.

    Ctrl-C ends the process at once and without a traceback, and so does the end of the one that started it. That is set before
    anything is loaded, which takes seconds.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            message = connection.recv_bytes()
            outcome = attempt(_called, message)
            try:
                connection.send(outcome)
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                connection.send((None, f"its result cannot be sent: {error}"))


def _called(message: bytes) -> Any:
    function, item = pickle.loads(message)
    return function(item)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Processes started within get so many threads each: more would only wait for each other."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(count)
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
