"""What tests have executors do: functions that other processes import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from podoba.errors import SourceError


def double(number: int) -> int:
    return 2 * number


def slow(number: int) -> tuple[int, int]:
    time.sleep(0.5)
    return number, os.getpid()


def poison(item: tuple[str, int]) -> int:
    """Kills its process, ends it, raises, gives back what cannot be sent, or does what it is asked."""
    how, number = item
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit":
        os._exit(3)
    if how == "raise":
        raise ValueError(f"number {number}\nis wrong")
    if how == "podoba":
        raise SourceError("shelf: is empty: fill it")
    if how == "unpicklable":
        return lambda: number  # type: ignore[return-value]
    return number


def noted(number: int, folder: Path, seconds: float = 0.5) -> int:
    """Writes down which process it is, and takes its time."""
    (folder / f"{number}-{os.getpid()}").write_text(str(os.getpid()))
    time.sleep(seconds)
    return number


def variable(name: str) -> str | None:
    return os.environ.get(name)


def folder(_: object) -> str:
    return os.getcwd()
