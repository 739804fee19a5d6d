"""What a client is told of the review."""

import os
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from podoba.collection.duplicates.results import KINDS
from podoba.collection.storage.decisions import Decision
from podoba.files import shown
from podoba.serve.review.groups import Member, ReviewedGroup
from podoba.serve.review.listing import name_of
from podoba.serve.review.reasons import facts_of
from podoba.serve.review.review import Standing

HISTORY = 20  # batches of decisions that are told, the last ones


def describe(standing: Standing) -> dict[str, Any]:
    """How far the review is: what was found and how much of it is decided, by kind."""
    found, groups = standing.found, standing.groups
    decided = [group for group in groups if group.state == "decided"]
    going = [member.item for group in decided for member in group.removed]
    return {
        "found": None if found is None else {
            "made": found.made, "kinds": found.kinds, "where": found.where, "fresh": standing.fresh, "skipped": found.skipped,
        },
        "groups": len(groups),
        "decided": len(decided),
        "returned": sum(group.state == "returned" for group in groups),
        "kinds": [row for row in (_counts(kind, groups) for kind in KINDS) if row["groups"]],
        "going": {"pictures": len(going), "bytes": sum(item.size for item in going)},
        "history": history_of(standing.decisions),
    }  # fmt: skip


def _counts(kind: str, groups: Sequence[ReviewedGroup]) -> dict[str, Any]:
    own = [group for group in groups if group.kind == kind]
    inside = [group for group in own if group.is_inside_one_folder]
    return {
        "kind": kind, "groups": len(own), "decided": _decided(own), "inside": len(inside), "inside_decided": _decided(inside),
    }  # fmt: skip


def _decided(groups: Sequence[ReviewedGroup]) -> int:
    return sum(group.state == "decided" for group in groups)


def history_of(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The last batches of decisions, the newest first."""
    batches = [(batch, list(some)) for batch, some in groupby(decisions, key=lambda decision: decision.batch)]
    rows = []
    for batch, some in batches[: -HISTORY - 1 : -1]:
        kept = Counter(item.kept for decision in some for item in decision.items)
        rows.append({"batch": batch, "made": some[0].made, "groups": len(some), "kept": kept[True], "removed": kept[False]})
    return rows


def group_to_json(group: ReviewedGroup, *, show_paths: bool) -> dict[str, Any]:
    """A group with its items. Folders of the items are numbered within it."""
    folders = {folder: number for number, folder in enumerate(dict.fromkeys(map(_folder, group.members)), 1)}
    items = [_member_to_json(member, folders[_folder(member)], show_paths) for member in group.members]
    return {
        "group": group.key, "kind": group.kind, "state": group.state, "decision": group.decision, "folders": len(folders),
        "items": items,
    }  # fmt: skip


def _folder(member: Member) -> str:
    return os.path.dirname(member.item.uri)


def _member_to_json(member: Member, folder: int, show_paths: bool) -> dict[str, Any]:
    item = member.item
    return {
        "id": item.id, "name": name_of(item.uri), "uri": shown(item.uri) if show_paths else None, "label": item.label,
        "width": item.width, "height": item.height, "format": item.format, "size": item.size, "attributes": item.attributes,
        "folder": folder, "kind": member.kind, "facts": facts_of(member.reason), "suggested": member.suggested,
        "decided": member.decided, "stays": member.stays,
    }  # fmt: skip
