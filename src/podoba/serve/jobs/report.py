"""What a job says while it runs: lines of JSON from its process to the server."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from podoba.files import shown
from podoba.images.record import Skipped

Say = Callable[[dict[str, Any]], None]


class Report:
    """What a kind of job is handed to say how far it has come.

    Attributes:
        skipped: images that are left out; what is added to it is said with the next progress.
    """

    def __init__(self, say: Say, quiet: float = 0.1) -> None:
        """Say it by a function.

        Args:
            quiet: seconds between two reports of one stage, at least.
        """
        self.skipped: list[Skipped] = []
        self._say, self._quiet = say, quiet
        self._said_skipped = 0
        self._stage, self._said = "", 0.0

    def progress(self, stage: str, done: int, total: int) -> None:
        """An `OnProgress`: what is being done, how much of it is done, of how much in all (0: not known)."""
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._said < self._quiet:
            return
        self._stage, self._said = stage, now
        self._say({"progress": [stage, done, total]})
        self.say_skipped()

    def waiting(self) -> None:
        """Another program writes to the collection; the job goes on when that is done."""
        self._say({"waiting": True})

    def say_skipped(self) -> None:
        """Say what was left out since the last time."""
        new = self.skipped[self._said_skipped :]
        self._said_skipped = len(self.skipped)
        if new:
            self._say({"skipped": [[shown(row.uri), shown(row.reason)] for row in new]})


def as_line(said: dict[str, Any]) -> str:
    """One line of text, ASCII."""
    return json.dumps(said) + "\n"


def from_line(line: str) -> dict[str, Any]:
    """What a line says; empty for one that is none, such as what a library prints."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def skipped_of(rows: Sequence[Sequence[str]]) -> list[Skipped]:
    """Images that were left out, as `Report` says them."""
    return [Skipped(uri, reason) for uri, reason in rows]
