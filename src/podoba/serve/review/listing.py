"""What is to be kept and what is to go, as a list for other programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from podoba.files import csv_text, shown
from podoba.serve.review.groups import Member, ReviewedGroup

COLUMNS = ("group", "decided", "action", "kind", "name", "path", "id", "sha256", "bytes", "width", "height", "reason")


def as_csv(groups: Sequence[ReviewedGroup], *, show_paths: bool) -> str:
    """A line an image, what stays first in its group; paths are left out unless they may be shown."""
    return csv_text(COLUMNS, ([row[name] for name in COLUMNS] for row in _rows(groups, show_paths)))


def as_json(groups: Sequence[ReviewedGroup], *, show_paths: bool) -> dict[str, Any]:
    """The same as plain values."""
    return {"images": list(_rows(groups, show_paths))}


def _rows(groups: Sequence[ReviewedGroup], show_paths: bool) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(groups, 1):
        for member in sorted(group.members, key=lambda member: not member.stays):
            yield _row(number, group, member, show_paths)


def _row(number: int, group: ReviewedGroup, member: Member, show_paths: bool) -> dict[str, Any]:
    item = member.item
    return {
        "group": number, "decided": group.state == "decided", "action": "keep" if member.stays else "remove",
        "kind": member.kind, "name": name_of(item.uri), "path": shown(item.uri) if show_paths else None, "id": item.id,
        "sha256": item.content, "bytes": item.size, "width": item.width, "height": item.height, "reason": member.reason,
    }  # fmt: skip


def name_of(uri: str) -> str:
    """The name of a file, without its folder."""
    return shown(uri.rstrip("/").rpartition("/")[2])
