"""Processor time of a program and of all that it starts, also of what outlives its parent or is not waited for, as with Ray."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scale.processes import session_of, stat_of

TICKS = os.sysconf("SC_CLK_TCK")
INTERVAL = 0.1  # seconds between two looks; what a process does after the last one is not seen


@dataclass(frozen=True)
class Cost:
    """What a program took, in seconds: of processors, and of a clock."""

    processor: float
    clock: float


def run(command: Sequence[str], env: Mapping[str, str] | None = None, beside: int | None = None) -> Cost:
    """Run a program to its end, and wait until what it started has ended too.

    Args:
        beside: leader of a session that works for it: what that takes in this time counts too.

    Raises:
        RuntimeError: it failed; with the end of what it printed.
    """
    begun = time.perf_counter()
    family = _Family([] if beside is None else session_of(beside))
    with subprocess.Popen(
        command, env=os.environ | dict(env or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        family.add(program.pid)
        said = _read_while(program, family)
    clock = time.perf_counter() - begun
    end = time.monotonic() + 30
    while family.look() > family.older and time.monotonic() < end:
        time.sleep(INTERVAL)
    if program.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {said[-3000:]}")
    return Cost(family.processor, clock)


def _read_while(program: subprocess.Popen[str], family: _Family) -> str:
    said = ""
    while True:
        family.look()
        try:
            said += program.communicate(timeout=INTERVAL)[0]
        except subprocess.TimeoutExpired:
            continue
        return said


class _Family:
    """Processes and those that they started, by number and time of start; a number is used again.

    Attributes:
        older: those that there were before.
    """

    def __init__(self, older: Sequence[int]) -> None:
        self._ticks: dict[tuple[int, str], int] = {}
        self._numbers, self._before = set(older), 0
        self.older = self.look()
        self._before = sum(self._ticks.values())

    def add(self, number: int) -> None:
        self._numbers.add(number)

    def look(self) -> int:
        """Note what all of them took until now. Returns how many there are."""
        stats = {int(place.name): stat_of(place) for place in Path("/proc").iterdir() if place.name.isdigit()}
        grown = True
        while grown:
            young = {n for n, stat in stats.items() if stat and int(stat[1]) in self._numbers} - self._numbers
            self._numbers |= young
            grown = bool(young)
        alive = [(number, stat) for number, stat in stats.items() if number in self._numbers and stat and stat[0] != "Z"]
        for number, stat in alive:
            self._ticks[number, stat[19]] = int(stat[11]) + int(stat[12])
        self._numbers &= set(stats)
        return len(alive)

    @property
    def processor(self) -> float:
        """Seconds of all of them together, since this was made."""
        return (sum(self._ticks.values()) - self._before) / TICKS
