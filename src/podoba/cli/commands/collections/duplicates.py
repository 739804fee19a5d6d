"""`podoba duplicates`."""

import sys
from pathlib import Path

import typer

from podoba.cli.console import print_json, say, say_skipped
from podoba.cli.options import COLLECTION, CSV, JSON, WHERE
from podoba.cli.terminal.progress import meter

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
    rules: list[str] = typer.Option(
        [],
        "--keep",
        metavar="RULE",
        help="Which copy is kept: oldest, newest, largest, smallest (by pixels), most-bytes, fewest-bytes, format:jpeg,png, "
        "folder:/a,/b; may be repeated, the first counts most.",
    ),
    apart: list[str] = typer.Option(
        [], "--not-duplicates", metavar="ID", help="Remember that these items are no duplicates of each other; at least two."
    ),
    move_to: Path | None = typer.Option(
        None, "--move-to", metavar="DIR", help="Move the copies below this folder; nothing is deleted or overwritten."
    ),
    undo: Path | None = typer.Option(
        None, "--undo", metavar="MOVED.csv", help="Put what was moved back where it came from, by the list that --move-to wrote."
    ),
    page: Path | None = typer.Option(None, "--html", help="Write the groups with their pictures as one HTML file."),
    as_json: bool = JSON,
    as_csv: bool = CSV,
) -> None:
    """Find images that are one picture: identical, re-encoded, turned, cropped or edited, or nearly the same.

    Nothing is changed unless --move-to or --undo is given.

    \b
    Examples:
      podoba duplicates photos.podoba
      podoba duplicates photos.podoba --kind identical --kind "same picture" --json
      podoba duplicates photos.podoba --not-duplicates 0123456789abcdef --not-duplicates fedcba9876543210
      podoba duplicates photos.podoba --keep folder:/photos/albums --keep oldest
      podoba duplicates photos.podoba --reference ~/Pictures/best --move-to ~/duplicates
      podoba duplicates photos.podoba --undo ~/duplicates/moved.csv
    """
    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv, not both")
    if undo is not None and (move_to is not None or apart):
        raise typer.BadParameter("one of --undo, --move-to and --not-duplicates", param_hint="--undo")
    if len(apart) == 1:
        raise typer.BadParameter("name at least two items", param_hint="--not-duplicates")
    from podoba.cli.terminal.collections import print_groups, say_moved, say_undone
    from podoba.collection.collection import Collection
    from podoba.collection.duplicates.results import KINDS

    with Collection.open(collection, read_only=not (apart or move_to or undo)) as opened:
        if apart:
            count = opened.set_apart([opened.item(id_.removeprefix("id:")) for id_ in apart])
            if as_json:
                print_json({"collection": str(collection), "pairs": count})
            say(f"remembered: {count} pairs that are no duplicates")
            return
        if undo is not None:
            with meter() as show:
                undone = opened.undo_moves(undo, show)
            say_undone(undone, collection)
            if as_json:
                print_json({"collection": str(collection), "undo": undone.to_json()})
            return
        chosen, kept = kinds or (SAFE if move_to else KINDS), [str(path) for path in references]
        with meter() as show:
            found = opened.find_duplicates(kinds=chosen, where=where, references=kept, keep=rules, on_progress=show)
        say_skipped(found.skipped)
        if page is not None:
            from podoba.collection.duplicates.page import write_page

            write_page(found, str(collection), page)
            say(f"written: {page}")
        if as_csv:
            sys.stdout.write(found.to_csv())
        elif not as_json:
            print_groups(found)
        values = found.to_json()
        if move_to is not None:
            with meter() as show:
                moved = opened.move_copies(found, move_to, show)
            say_moved(moved)
            values |= {"move": moved.to_json()}
    if as_json:
        print_json(values)
