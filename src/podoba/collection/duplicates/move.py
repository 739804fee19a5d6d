"""Duplicates moved out of the way: nothing is deleted or overwritten, and a list says where each file came from."""

import csv
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podoba.collection.duplicates.results import Copy, Group
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError
from podoba.files import shown
from podoba.images.locate import container_of
from podoba.images.record import Skipped
from podoba.images.sources.base import located

LOG = "moved.csv"
BLOCK = 1 << 20


@dataclass
class MoveReport:
    """What was moved, from where to where, and what was left with its reason."""

    folder: str
    moved: list[tuple[str, str]] = field(default_factory=list)
    left: list[Skipped] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {
            "folder": shown(self.folder),
            "moved": [{"from": shown(before), "to": shown(after)} for before, after in self.moved],
            "left": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.left],
        }


def move_copies(
    store: Store, groups: Sequence[Group], folder: Path, on_progress: Callable[[str, int, int], None] | None = None
) -> MoveReport:
    """Move the copies of each group, never what is kept, below a folder, and forget their items.

    A file is moved only where its bytes are still those that were indexed and the image that is kept is still there too. A name
    that is taken gets a number. Before a file leaves its place the new one is on the disk and in the list `moved.csv`: a process
    that is killed leaves a file in both places at worst.

    Raises:
        CollectionError: the folder lies in one that is indexed, or cannot be written.
    """
    folder = located(folder)
    sources = {copy.item.source for group in groups for copy in [group.keep, *group.copies]}
    around = [source for source in sources if folder.is_relative_to(source)]
    if around:
        raise CollectionError(f"{folder}: lies in {around[0]}, which is indexed: name a folder outside of it")
    report = MoveReport(str(folder))
    total, done = sum(not copy.kept for group in groups for copy in group.copies), 0
    with store.writing():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / LOG).open("a", encoding="utf-8", errors="backslashreplace", newline="") as log:
                for group in groups:
                    why = _unfit(group.keep.item)
                    for copy in (copy for copy in group.copies if not copy.kept):
                        _move(copy, folder, log, report, f"the one to keep: {why}" if why else None)
                        done += 1
                        if on_progress is not None:
                            on_progress("moving", done, total)
        except OSError as error:
            raise CollectionError(f"{folder}: cannot be written ({error.strerror or error}): name another folder") from error
        finally:
            known = {copy.item.uri: copy.item.id for group in groups for copy in group.copies}
            store.items.remove([known[before] for before, _ in report.moved])
    return report


def _move(copy: Copy, folder: Path, log: Any, report: MoveReport, why: str | None) -> None:
    reason = why or _unfit(copy.item)
    if reason is None:
        source = Path(copy.item.uri)
        target = _put(source, folder / _name(copy.item), copy.item.content)
        csv.writer(log).writerow([str(source), str(target), copy.item.content])
        log.flush()
        os.fsync(log.fileno())
        try:
            source.unlink()
        except OSError as error:
            target.unlink()
            reason = f"cannot be taken from its folder ({error.strerror})"
        else:
            report.moved.append((str(source), str(target)))
    if reason is not None:
        report.left.append(Skipped(copy.item.uri, reason))


def _unfit(item: Item) -> str | None:
    """Why an image is not what was indexed, or no file that can be moved; None where all is well."""
    if container_of(item.uri) is not None:
        return "inside an archive or a table"
    path = Path(item.uri)
    if path.is_symlink():
        return "a link"
    try:
        return None if _sha256(path) == item.content else "changed since it was indexed: index again"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _name(item: Item) -> Path:
    """Where a file goes below the folder: as below its source, which keeps the names of sub-folders."""
    path, source = Path(item.uri), Path(item.source)
    return Path(source.name) / path.relative_to(source) if path.is_relative_to(source) and path != source else Path(path.name)


def _put(source: Path, wanted: Path, content: str) -> Path:
    """A second name or copy of a file, under the wanted name or, where that is taken, a numbered one."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        target = wanted if not number else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            os.link(source, target)
            return target
        except FileExistsError:
            number += 1
        except OSError:  # another disk, or a file system without links
            try:
                return _copied(source, target, content)
            except FileExistsError:
                number += 1


def _copied(source: Path, target: Path, content: str) -> Path:
    with source.open("rb") as old, target.open("xb") as new:
        shutil.copyfileobj(old, new, BLOCK)
        new.flush()
        os.fsync(new.fileno())
    shutil.copystat(source, target)
    if _sha256(target) != content:
        target.unlink()
        raise OSError(f"{target} does not hold what was written")
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
