"""Progress as a plain line now and then."""

import time

from podoba.cli.console import say

QUIET_SECONDS = 5.0  # between plain lines of progress


class Meter:
    """Says how far a piece of work has come, by a plain line every few seconds."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = self._said = time.monotonic()
        self._first = 0
        self._told = ("", 0, 0)  # what the last line said

    def __call__(self, name: str, done: int, total: int, *, unit: str = "", note: str = "") -> None:
        """The work called `name` has come to `done` of `total`, 0 where that is not known yet; a `unit` shows its rate too."""
        stage = name.partition(",")[0]
        begins = stage != self._stage
        if begins:
            self._stage, self._started, self._first = stage, time.monotonic(), done
        facts = ", ".join(fact for fact in (self._rate(done, unit), note) if fact)
        self._show(name, done, total, facts, begins)

    def _show(self, name: str, done: int, total: int, facts: str, begins: bool) -> None:
        """Write it where the person sees it; `begins`: another piece of work than before."""
        if time.monotonic() - self._said >= QUIET_SECONDS and self._told != (name, done, total):
            self._said, self._told = time.monotonic(), (name, done, total)
            say(f"{name}: {done}/{total or '?'}{facts and ', '}{facts}{self._left(done, total)}")

    def _rate(self, done: int, unit: str) -> str:
        fresh, seconds = done - self._first, time.monotonic() - self._started
        if not unit or fresh <= 0 or seconds <= 0:
            return ""
        rate = fresh / seconds
        return f"{rate:.0f} {unit}/s" if rate >= 10 else f"{rate:.1f} {unit}/s"

    def _left(self, done: int, total: int) -> str:
        fresh = done - self._first
        if fresh <= 0 or done >= total:
            return ""
        seconds = (time.monotonic() - self._started) / fresh * (total - done)
        return f", about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """A length of time as one says it: in seconds, minutes or hours."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60} min"
