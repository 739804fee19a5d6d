"""Servers of a benchmark, each a process of its own that ends with the benchmark."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class Processes:
    """Processes that were started, by name, each with a log; all of them are ended with their children when the block is left.

    Args:
        logs: folder of what they print, NAME.log.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name in reversed(list(self._started)):
            self.kill(name)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None, folder: Path | None = None) -> int:
        """Start a process in a session of its own. Returns its number."""
        with self.log(name).open("wb") as log:
            self._started[name] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=folder, env=os.environ | dict(env or {}), start_new_session=True
            )
        return self._started[name].pid

    def kill(self, name: str) -> None:
        """kill -9 a process and all of its session."""
        process = self._started.pop(name)
        while members := session_of(process.pid):
            for number in members:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            process.wait()
        process.wait()

    def log(self, name: str) -> Path:
        """Where a process prints to."""
        return self.logs / f"{name}.log"

    def wait_for(self, name: str, ready: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until a process is ready.

        Raises:
            RuntimeError: it ended, or took too long; with the end of what it printed.
        """
        end = time.monotonic() + seconds
        while not ready():
            ended = self._started[name].poll()
            if ended is not None or time.monotonic() > end:
                said = self.log(name).read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name}: {'not ready in time' if ended is None else f'ended with {ended}'}: {said}")
            time.sleep(0.1)


def session_of(leader: int) -> list[int]:
    """Numbers of the processes of a session that have not ended."""
    stats = {int(place.name): stat_of(place) for place in Path("/proc").iterdir() if place.name.isdigit()}
    return [number for number, stat in stats.items() if stat and int(stat[3]) == leader and stat[0] != "Z"]


def stat_of(place: Path) -> list[str]:
    """The fields of /proc/NUMBER/stat behind the name, from the state on; none where it has ended."""
    try:
        return (place / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
