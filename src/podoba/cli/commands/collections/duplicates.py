"""`podoba duplicates`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import meter, print_json, print_line, say, say_skipped
from podoba.cli.options import COLLECTION, JSON, WHERE

if TYPE_CHECKING:
    from podoba.collection.collection import Collection
    from podoba.collection.duplicates.find import Duplicates, Group

SAFE = ("identical", "same picture")  # moved where no kind is named


def duplicates(
    collection: Path = COLLECTION,
    kinds: list[str] = typer.Option(
        [],
        "--kind",
        metavar="KIND",
        help="identical, same picture, flipped or rotated, cropped or edited, near; may be repeated; default: all, and to be "
        "moved the first two.",
    ),
    where: str | None = WHERE,
    references: list[Path] = typer.Option(
        [], "--reference", metavar="FOLDER", help="What lies here is always kept; may be repeated."
    ),
    apart: list[str] = typer.Option(
        [], "--not-duplicates", metavar="ID", help="Remember that these items are no duplicates of each other; at least two."
    ),
    move_to: Path | None = typer.Option(
        None, "--move-to", metavar="DIR", help="Move the copies below this folder; nothing is deleted or overwritten."
    ),
    page: Path | None = typer.Option(None, "--html", help="Write the groups with their pictures as one HTML file."),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print as CSV."),
) -> None:
    """Find images that are one picture: identical, re-encoded, turned, cropped or edited, or nearly the same.

    Nothing is changed unless --move-to is given.

    \b
    Examples:
      podoba duplicates photos.podoba
      podoba duplicates photos.podoba --kind identical --kind "same picture" --json
      podoba duplicates photos.podoba --not-duplicates 0123456789abcdef --not-duplicates fedcba9876543210
      podoba duplicates photos.podoba --reference ~/Pictures/best --move-to ~/duplicates
    """
    from podoba.collection.collection import Collection
    from podoba.collection.duplicates.pairs import KINDS

    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    with Collection.open(collection, read_only=not (apart or move_to)) as opened:
        if apart:
            count = _set_apart(opened, apart)
            if as_json:
                print_json({"collection": str(collection), "pairs": count})
            say(f"remembered: {count} pairs that are no duplicates")
            return
        chosen = kinds or (SAFE if move_to else KINDS)
        with meter() as show:
            found = opened.find_duplicates(
                kinds=chosen, where=where, references=[str(path) for path in references],
                on_progress=show,
            )  # fmt: skip
        say_skipped(found.skipped)
        if page is not None:
            from podoba.collection.duplicates.page import duplicates_page

            page.write_text(duplicates_page(found, str(collection)), encoding="utf-8")
            say(f"written: {page}")
        if as_csv:
            _print_csv(found)
        elif not as_json:
            show_groups(found)
        values = found.to_json() if as_json else {}
        if move_to is not None:
            values |= {"move": _move(opened, found, move_to)}
    if as_json:
        print_json(values)


def show_groups(found: Duplicates) -> None:
    """Groups for a person: what is kept, then its copies."""
    for group in found.groups:
        print_line(f"{group.kind}: {group.keep.item.uri} ({group.keep.item.id}), {group.keep.reason}")
        for copy in group.copies:
            print_line(f"    {copy.item.uri} ({copy.item.id}): {copy.reason}")
    say(_counted(found.groups))


def _counted(groups: list[Group]) -> str:
    kinds = Counter(copy.kind for group in groups for copy in group.copies)
    if not groups:
        return "no duplicates"
    copies = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{len(groups)} groups; beside what is kept {sum(kinds.values())} copies: {copies}"


def _set_apart(opened: Collection, ids: list[str]) -> int:
    if len(ids) < 2:
        raise typer.BadParameter("name at least two items", param_hint="--not-duplicates")
    return opened.set_apart([opened.item(id_.removeprefix("id:")) for id_ in ids])


def _move(opened: Collection, found: Duplicates, folder: Path) -> dict[str, object]:
    from podoba.collection.duplicates.move import LOG, move_copies

    with meter() as show:
        report = move_copies(opened.store, found.groups, folder, show)
    for row in report.left:
        say(f"left: {row.uri}: {row.reason}")
    say(f"{len(report.moved)} files moved below {report.folder}; {LOG} there says where each came from; {len(report.left)} left")
    return report.to_json()


def _print_csv(found: Duplicates) -> None:
    import csv

    from podoba.files import shown

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("group", "kept", "kind", "id", "uri", "reason"))
    for number, group in enumerate(found.groups, 1):
        for copy in [group.keep, *group.copies]:
            writer.writerow((number, copy.kept, copy.kind, copy.item.id, shown(copy.item.uri), shown(copy.reason)))
