"""The kinds of jobs, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from podoba.serve.jobs.report import Report

Work = Callable[[Path, Mapping[str, Any], Report], Mapping[str, Any]]
"""What a kind does: the collection's file, its arguments and where to report to; gives its result, values of JSON.

It runs in the main thread of a process of its own, and ends with `KeyboardInterrupt` where it is to stop: what it has done by
then must stand, and so it must where the process is killed.
"""


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        place: `module:function` of its `Work`; imported in the job's process alone, since it may load a good deal.
        continues: whether it goes on from where it was when it is started again, so that it can be paused.
    """

    place: str
    continues: bool = False

    def load(self) -> Work:
        """The function."""
        module, _, name = self.place.partition(":")
        work: Work = getattr(import_module(module), name)
        return work


KINDS: Mapping[str, Kind] = {
    "index": Kind("podoba.serve.jobs.indexing:index", continues=True),
    "map": Kind("podoba.serve.maps.work:make"),
    "duplicates": Kind("podoba.serve.review.finding:find"),
    "move-duplicates": Kind("podoba.serve.review.moving:move"),
    "return-duplicates": Kind("podoba.serve.review.moving:put_back"),
}
