"""Duplicates moved out of the way: nothing is deleted or overwritten, and a list says where each file came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podoba.collection.duplicates.companions import SharedCompanion, companions_of
from podoba.collection.duplicates.moving.files import SeenFile, Stays, look_at, put_together, take_away
from podoba.collection.duplicates.moving.log import MovedFile, MoveLog, open_log
from podoba.collection.duplicates.moving.places import IndexedFolders, source_of
from podoba.collection.duplicates.results import KINDS, SAME, TURNED, Copy, Group
from podoba.collection.duplicates.same_file import identity_of, is_same_entry
from podoba.collection.duplicates.same_picture import differs
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError, UnreadableImage
from podoba.files import shown
from podoba.images.decode import decode
from podoba.images.locate import container_of
from podoba.images.record import Skipped
from podoba.images.remote.address import is_remote
from podoba.images.sources.base import located, record_id
from podoba.progress import OnProgress

ALIKE = (KINDS[SAME], KINDS[TURNED])  # kinds whose files are compared once more
NAMES = 1000  # items of the same bytes among which other names of a file are looked for


@dataclass
class MoveReport:
    """What was moved, from where to where, what was left with its reason, and the companions that went with their pictures."""

    folder: str
    moved: list[tuple[str, str]] = field(default_factory=list)
    left: list[Skipped] = field(default_factory=list)
    companions: list[tuple[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {
            "folder": shown(self.folder),
            "moved": _as_json(self.moved),
            "companions": _as_json(self.companions),
            "left": [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.left],
        }


def _as_json(moved: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"from": shown(before), "to": shown(after)} for before, after in moved]


def move_copies(store: Store, groups: Sequence[Group], folder: Path, on_progress: OnProgress | None = None) -> MoveReport:
    """Move the copies of each group, never what is kept, below a folder, and forget their items.

    Before every single move both files are looked at again: the one to keep is there, is another file, holds the bytes that were
    indexed and decodes whole; the copy holds the bytes that were indexed and, where it was called the same picture, looks the
    same when larger. What belongs to a picture by its name goes with it (`companions_of`), or the picture stays. A name that is
    taken gets a number. Before a file leaves its place the new one is on the disk and in the list `moved.csv`: a process that is
    killed leaves a file in both places at worst.

    Raises:
        CollectionError: a file would come to lie in a folder of the collection, by whatever path, or cannot be written.
    """
    folder = located(folder)
    pairs = [(group.keep.item, copy) for group in groups for copy in group.copies if not copy.kept]
    kept = {copy.item.uri for group in groups for copy in [group.keep, *group.copies] if copy.kept}
    report = MoveReport(str(folder))
    with store.writing():
        _refuse_indexed(store, folder, [copy.item for _, copy in pairs])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with open_log(folder) as log:
                for done, (keep, copy) in enumerate(pairs, 1):
                    _move(store, keep, copy, kept, folder, log, report)
                    if on_progress is not None:
                        on_progress("moving", done, len(pairs))
        except OSError as error:
            raise CollectionError(f"{folder}: cannot be written ({error.strerror or error}): name another folder") from error
    return report


def _refuse_indexed(store: Store, folder: Path, items: Sequence[Item]) -> None:
    indexed = IndexedFolders(store.items.select())
    for place in dict.fromkeys([folder, *((folder / _name(item)).parent for item in items)]):
        around = indexed.around(place)
        if around is not None:
            raise CollectionError(f"{shown(str(place))}: lies in {shown(around)}, which is indexed: name a folder outside of it")


def _move(store: Store, keep: Item, copy: Copy, kept: set[str], folder: Path, log: MoveLog, report: MoveReport) -> None:
    item, picture = copy.item, Path(copy.item.uri)
    try:
        seen = _fit_to_move(keep, copy)
        names = _other_names(store, item)
        companions = _companions(picture, kept)
        files = [(picture, seen), *((path, look_at(path)) for path in companions)]
        targets = put_together([(path, each.content) for path, each in files], folder / _name(item))
        rows = [
            MovedFile(str(path), str(target), each.content, "" if path is picture else item.uri, item.source)
            for (path, each), target in zip(files, targets, strict=True)
        ]
        log.add(rows)
        taken = [(path, target, each) for (path, each), target in zip(files, targets, strict=True)]
        take_away(taken[::-1], Path(keep.uri))  # the picture last, so that the next run finds what was begun
    except (Stays, SharedCompanion) as reason:
        report.left.append(Skipped(item.uri, str(reason)))
    else:
        report.moved.append((rows[0].before, rows[0].after))
        report.companions += [(row.before, row.after) for row in rows[1:]]
        store.items.remove([item.id, *names, *(record_id(row.before) for row in rows[1:])])


def _companions(picture: Path, kept: set[str]) -> list[Path]:
    """What goes with a picture. Raises `Stays`, `SharedCompanion`: it is not of this picture alone, or is kept itself."""
    companions = companions_of(picture)
    for path in companions:
        if str(path) in kept:
            raise Stays(f"it belongs to {path.name} beside it, which is kept")
    return companions


def _fit_to_move(keep: Item, copy: Copy) -> SeenFile:
    """The file of a copy that may be moved, since what is kept is there and no less than it. Raises `Stays`."""
    try:
        kept = _as_indexed(keep)
        if not _is_whole(kept, keep.uri):
            raise Stays("it cannot be decoded whole")
    except Stays as reason:
        raise Stays(f"the one to keep, {shown(keep.uri)}: {reason}") from reason
    seen = _as_indexed(copy.item)
    if kept.identity == seen.identity:
        raise Stays(f"the same file as {shown(keep.uri)}, which is kept")
    why = differs(kept.data, seen.data) if copy.kind in ALIKE else None
    if why is not None:
        raise Stays(why)
    return seen


def _as_indexed(item: Item) -> SeenFile:
    """The file of an item. Raises `Stays`: it is not what was indexed, or no file that can be moved."""
    if container_of(item.uri) is not None:
        raise Stays("inside an archive or a table")
    if is_remote(item.uri):
        raise Stays("in an object store or behind a web server: remove it there")
    if not item.content:
        raise Stays("its bytes are not known: index its folder")
    seen = look_at(Path(item.uri), with_data=True)
    if seen.content != item.content:
        raise Stays("changed since it was indexed: index again")
    return seen


def _is_whole(seen: SeenFile, uri: str) -> bool:
    try:
        decode(seen.data, uri)
    except UnreadableImage:
        return False
    return True


def _other_names(store: Store, item: Item) -> list[str]:
    """Ids of items that name the same entry of the same folder by another path, and so go with it.

    Raises:
        Stays: an item is a hard link or a link to this file: nothing is gained by moving one of its names.
    """
    file, ids = identity_of(item.uri), []
    for other in store.items.of_content(item.content, NAMES):
        if other.id != item.id and identity_of(other.uri) == file:
            if not is_same_entry(Path(other.uri), Path(item.uri)):
                raise Stays(f"one file with {shown(other.uri)}: nothing is gained by moving one of its names")
            ids.append(other.id)
    return ids


def _name(item: Item) -> Path:
    """Where a file goes below the folder: as below its source, which keeps the names of sub-folders."""
    path, source = Path(item.uri), source_of(item)
    return Path(source.name) / path.relative_to(source) if path.is_relative_to(source) and path != source else Path(path.name)
