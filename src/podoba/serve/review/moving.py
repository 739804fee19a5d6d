"""The jobs `move-duplicates` and `return-duplicates`: what was decided to go is moved into a folder beside, and put back."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection
from podoba.collection.duplicates.moving.log import LOG, MovedFile, read_log
from podoba.collection.duplicates.moving.places import IndexedFolders
from podoba.collection.duplicates.results import IDENTICAL, KINDS, Copy, Duplicates, Group
from podoba.errors import CollectionError, SourceError
from podoba.images.record import Skipped
from podoba.serve.jobs.report import Report
from podoba.serve.review.groups import Member, ReviewedGroup
from podoba.serve.review.review import Review, token_of

SUFFIX = "-duplicates"


@dataclass(frozen=True)
class Plan:
    """What would be moved.

    Attributes:
        folder: where to; None where every place beside the pictures is indexed.
        groups: those that were decided and of which something goes.
        token: what differs once something else was decided.
    """

    folder: Path | None
    groups: Sequence[ReviewedGroup]
    token: str

    @property
    def going(self) -> list[Member]:
        """The images that would be moved."""
        return [member for group in self.groups for member in group.removed]


def plan_of(review: Review) -> Plan:
    """What would be moved by what is decided now."""
    groups = [group for group in review.standing().groups if group.state == "decided" and group.removed]
    return Plan(folder_beside(review.collection), groups, token_of(groups))


def folder_beside(collection: Collection) -> Path | None:
    """A folder beside the collection's file, or where that lies among what is indexed, beside that; None: no place."""
    indexed = IndexedFolders(collection.items())
    folder = Path(os.path.abspath(collection.path)).with_name(f"{collection.path.stem}{SUFFIX}")
    around = indexed.around(folder)
    while around is not None:
        outside = Path(around).parent / folder.name
        if outside == folder:
            return None
        folder, around = outside, indexed.around(outside)
    return folder


def moved_files(folder: Path | None) -> list[MovedFile]:
    """The files that lie in that folder since they were moved there."""
    if folder is None or not (folder / LOG).exists():
        return []
    return [row for row in dict.fromkeys(read_log(folder / LOG)) if os.path.lexists(row.after)]


def move(path: Path, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Move what was decided to go.

    Args:
        arguments: `token`: of the plan that a person agreed to.

    Raises:
        CollectionError: something else was decided meanwhile; and as `move_copies`.
    """
    with Collection.open(path) as collection, collection.writing():  # so that nothing is decided meanwhile
        plan = plan_of(Review(collection))
        if plan.token != arguments["token"] or plan.folder is None:
            raise CollectionError("what is to be moved was decided otherwise meanwhile: look at it again")
        groups = [_to_move(group) for group in plan.groups]
        moved = collection.move_copies(Duplicates(groups), plan.folder, report.progress)
    report.skipped.extend(moved.left)
    report.say_skipped()
    return {"moved": len(moved.moved), "companions": len(moved.companions), "left": len(moved.left)}


def put_back(path: Path, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Put everything that was moved back where it was, and index those places, so that the collection has it again.

    Raises:
        CollectionError: nothing was moved; and as `undo_moves` and `Collection.update`.
    """
    with Collection.open(path) as collection:
        folder = folder_beside(collection)
        if folder is None:
            raise CollectionError("nothing was moved")
        undone = collection.undo_moves(folder / LOG, report.progress)
        report.skipped.extend(undone.left)
        if undone.sources:
            try:
                collection.update(undone.sources, on_progress=report.progress, skipped=report.skipped)
            except SourceError as error:  # a disk that was taken out: the files are back, and are indexed when it is there
                report.skipped.append(Skipped(str(folder), str(error)))
    report.say_skipped()
    return {"back": len(undone.back), "already": undone.already, "left": len(undone.left)}


def _to_move(group: ReviewedGroup) -> Group:
    """A group as it was decided: beside the best of what stays, each other image by how far it may differ from that one."""
    keep = next((member for member in group.members if member.stays and member.suggested), None)
    keep = keep or next(member for member in group.members if member.stays)
    copies = [Copy(one.item, one.reason, _kind_between(keep, one), one.stays) for one in group.members if one is not keep]
    return Group(group.kind, Copy(keep.item, keep.reason, keep.kind, True), copies)


def _kind_between(keep: Member, copy: Member) -> str:
    """What a copy is to what stays, as far as is known: each was compared with the one that was suggested alone."""
    if keep.item.content and keep.item.content == copy.item.content:
        return KINDS[IDENTICAL]
    if keep.suggested:
        return copy.kind
    return max((keep.kind, copy.kind) if not copy.suggested else (keep.kind, keep.kind), key=KINDS.index)
