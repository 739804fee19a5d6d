"""One job as the server knows it: what it is, how far it has come, how it ended."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from podoba.images.record import Skipped
from podoba.serve.jobs.report import skipped_of

Standing = Literal["waiting", "running", "paused", "stopped", "done", "failed"]
ENDED: frozenset[Standing] = frozenset({"stopped", "done", "failed"})


@dataclass
class Job:
    """A piece of long work on a collection.

    Attributes:
        arguments: what its kind takes, as it was asked for.
        can_pause: whether it goes on, when it is started again, from where it was.
        state: where it stands. A paused job has no process and holds nothing.
        stage, done, total: what is being done, how much of it, of how much (0: not known).
        code: why it failed, or what it waits for: a stable word; None where there is nothing to say.
        message: the same as a sentence.
        result: what it came to, once it is done.
        skipped: images that were left out, at most as many as are kept.
        skipped_count: how many there were.
        created: when it was asked for, UTC.
        version: counts its changes.
    """

    id: str
    kind: str
    collection: str
    arguments: Mapping[str, Any]
    can_pause: bool
    state: Standing = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    code: str | None = None
    message: str | None = None
    result: Mapping[str, Any] | None = None
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    version: int = 0
    _stage_began: tuple[float, int] = (0.0, 0)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens unless it is started again."""
        return self.state in ENDED

    def begin(self) -> None:
        """It waits for its turn, with nothing done yet in this attempt."""
        self.state, self.stage, self.done, self.total = "waiting", "", 0, 0
        self.code = self.message = self.result = None
        self.skipped, self.skipped_count = [], 0
        self.version += 1

    def end(self, state: Standing, code: str | None = None, message: str | None = None) -> None:
        """It has no process any more."""
        self.state, self.code, self.message = state, code, message
        self.version += 1

    def hear(self, said: Mapping[str, Any], kept_skipped: int) -> None:
        """Take in what its process says, as `Report` does."""
        if "progress" in said:
            self._advance(*said["progress"])
        if "waiting" in said:
            self.code, self.message = "busy", "Another program is writing to this collection; the work goes on when it is done."
        if "skipped" in said:
            rows = skipped_of(said["skipped"])
            self.skipped_count += len(rows)
            self.skipped.extend(rows[: kept_skipped - len(self.skipped)])
        if "result" in said:
            self.result = said["result"]
        self.version += 1

    def seconds_left(self) -> float | None:
        """How long the stage will still take at the rate it has had; None where that cannot be known."""
        began, first = self._stage_began
        if self.state != "running" or self.done <= first or self.done >= self.total:
            return None
        return round((time.monotonic() - began) / (self.done - first) * (self.total - self.done), 1)

    def _advance(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage or self.code is not None:
            self._stage_began = (time.monotonic(), done)
        self.code = self.message = None
        self.stage, self.done, self.total = stage, done, total

    def to_json(self) -> dict[str, Any]:
        """What the API says of it."""
        return {
            "id": self.id, "kind": self.kind, "collection": self.collection, "state": self.state, "stage": self.stage,
            "done": self.done, "total": self.total, "seconds_left": self.seconds_left(), "code": self.code,
            "message": self.message, "skipped": self.skipped_count, "result": self.result, "can_pause": self.can_pause,
            "created": self.created.isoformat(timespec="seconds"), "version": self.version,
        }  # fmt: skip
