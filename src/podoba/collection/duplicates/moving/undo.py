"""Moved duplicates put back where they came from, by the list that was written when they were moved."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podoba.collection.duplicates.moving.files import Stays, look_at, put
from podoba.collection.duplicates.moving.log import MovedFile, read_log
from podoba.collection.duplicates.same_file import is_same_entry
from podoba.collection.storage.store import Store
from podoba.collection.update.diff import PART
from podoba.files import shown
from podoba.images.record import Skipped
from podoba.images.sources.base import located
from podoba.progress import OnProgress


@dataclass
class UndoReport:
    """What became of the files of a list.

    Attributes:
        back: files that were put back, by where they are again.
        already: how many were back before.
        left: files that were not put back, by where they are, with the reason.
        sources: what is to be indexed, so that the collection has the files again.
    """

    back: list[str] = field(default_factory=list)
    already: int = 0
    left: list[Skipped] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {
            "back": [shown(path) for path in self.back],
            "already": self.already,
            "left": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.left],
            "sources": [shown(source) for source in self.sources],
        }


def undo_moves(store: Store, path: Path, on_progress: OnProgress | None = None) -> UndoReport:
    """Put each file of a list (`moved.csv`) back where it came from.

    Nothing is written over: a file whose place is taken is left and named, and so is one whose bytes are not those that were
    moved. Before a file leaves the folder it is back on the disk, so that the same call goes on after a process was killed; what
    is back already stays. The collection has the files again when their sources are indexed: their marks still stand.

    Args:
        path: of the list.

    Raises:
        CollectionError: no such list, or another process is writing to the collection.
    """
    rows = list(dict.fromkeys(read_log(located(path))))
    report = UndoReport()
    with store.writing():
        for done, row in enumerate(reversed(rows), 1):
            try:
                if _put_back(Path(row.before), Path(row.after), row.sha256):
                    _note(row, report)
                else:
                    report.already += 1
            except Stays as reason:
                report.left.append(Skipped(row.after, str(reason)))
            if on_progress is not None:
                on_progress("putting back", done, len(rows))
    return report


def _note(row: MovedFile, report: UndoReport) -> None:
    report.back.append(row.before)
    source = row.source.partition(PART)[0]
    if source not in report.sources:
        report.sources.append(source)


def _put_back(before: Path, after: Path, content: str) -> bool:
    """Move a file from `after` to `before`; False where it is there already. Raises `Stays`."""
    taken = os.path.lexists(before)
    if not os.path.lexists(after):
        if taken and _holds(before, content):
            return False
        raise Stays("no longer there")
    if look_at(after).content != content:
        raise Stays("changed since it was moved")
    if taken and not _holds(before, content):
        raise Stays(f"another file is in its place, {shown(str(before))}")
    try:
        if not taken:
            put(after, before, content)
        elif is_same_entry(before, after):
            return False
        after.unlink()
    except FileNotFoundError as error:
        raise Stays(f"its folder is not there, {shown(str(before.parent))}: make it, or connect its disk") from error
    except OSError as error:
        raise Stays(f"cannot be put back ({error.strerror or error})") from error
    return True


def _holds(path: Path, content: str) -> bool:
    try:
        return look_at(path).content == content
    except Stays:
        return False
