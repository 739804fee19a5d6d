"""What tests have executors do: functions that other processes import."""

from __future__ import annotations

import os
import signal
import time


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
    if how == "unpicklable":
        return lambda: number  # type: ignore[return-value]
    return number
