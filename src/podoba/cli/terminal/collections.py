"""What the commands of a collection print for a person: results, duplicates, marks, what an update did."""

import shlex
import sys
from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path

from podoba.cli.console import SHOWN_SKIPPED, print_json, print_line, print_table, say, say_skipped
from podoba.collection.duplicates.moving.log import LOG
from podoba.collection.duplicates.moving.move import MoveReport
from podoba.collection.duplicates.moving.undo import UndoReport
from podoba.collection.duplicates.results import Duplicates
from podoba.collection.map.outline import Cluster
from podoba.collection.search.results import Hit, SearchResult
from podoba.collection.storage.marks import Mark
from podoba.collection.update.bring_up_to_date import UpdateReport


def print_hits(result: SearchResult, pictures: bool | None = None) -> None:
    """A table with pictures at a terminal, else plain lines. `pictures`: as in `result_table.print_results`."""
    if not result.hits:
        say("nothing similar was found")
    elif sys.stdout.isatty():
        from podoba.cli.terminal.result_table import print_results

        print_results(result, pictures)
    else:
        scored = result.hits[0].score is not None  # words have a score, pictures a probability
        columns = ("", "similarity", "score" if scored else "probability", "label", "image", "id")
        print_table(columns, [_cells(hit) for hit in result.hits])


def say_itself(result: SearchResult, named: Container[str]) -> None:
    """Which items are the query itself, and whether they are results; not those that were asked with by their ids (`named`)."""
    ranks = {hit.id: hit.rank for hit in result.hits}
    found = [name for name in result.itself if name.id not in named]
    for name in found[:SHOWN_SKIPPED]:
        where = f"result {ranks[name.id]}" if name.id in ranks else "no result; --with-itself lists it"
        say(f"itself: {name.uri} ({name.id}): {where}")
    if len(found) > SHOWN_SKIPPED:
        say(f"itself, {len(found)} in all: items of the same bytes")


def _cells(hit: Hit) -> tuple[str, ...]:
    chance = "" if hit.probability is None else f"{hit.probability:.3f}"
    told = chance if hit.score is None else f"{hit.score:.2f}"
    return str(hit.rank), f"{hit.similarity:.4f}", told, hit.label or "", hit.uri, hit.id


def print_clusters(clusters: Sequence[Cluster]) -> None:
    """A table of the clusters of a map: how many images, what they mostly are, which is the most typical."""
    rows = [
        (str(c.number), str(c.size), c.label or "", "" if c.label is None else f"{c.share:.2f}", c.items[0].uri) for c in clusters
    ]
    print_table(("cluster", "images", "mostly", "share", "most typical"), rows)


def print_groups(duplicates: Duplicates) -> None:
    """Of each group what is kept, then its copies; at the end how many there are."""
    for group in duplicates.groups:
        print_line(f"{group.kind}: {group.keep.item.uri} ({group.keep.item.id}), {group.keep.reason}")
        for copy in group.copies:
            print_line(f"    {copy.item.uri} ({copy.item.id}): {copy.reason}")
    kinds = Counter(copy.kind for group in duplicates.groups for copy in group.copies)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    groups = len(duplicates.groups)
    say(f"{groups} groups; beside what is kept {sum(kinds.values())} copies: {counts}" if groups else "no duplicates")


def say_moved(report: MoveReport) -> None:
    """What was left where it is and why, what went with its picture, and where the moved files are."""
    for row in report.left:
        say(f"left: {row.uri}: {row.reason}")
    for before, _ in report.companions:
        say(f"moved with its picture: {before}")
    moved = f"{len(report.moved)} files moved" + (f" and {len(report.companions)} that belong to them" * bool(report.companions))
    say(f"{moved} below {report.folder}; {LOG} there says where each came from; {len(report.left)} left")


def say_undone(report: UndoReport, collection: Path) -> None:
    """What could not be put back and why, how many files are where they were, and how their items come back."""
    for row in report.left:
        say(f"left: {row.uri}: {row.reason}")
    say(f"{len(report.back)} files put back, {report.already} were back already, {len(report.left)} left")
    if report.back:
        sources = " ".join(shlex.quote(source) for source in report.sources)
        say(f"to have them in the collection again: podoba index {shlex.quote(str(collection))} {sources}")


def print_marks(marks: Sequence[Mark], query: str | None, as_json: bool) -> None:
    """Marks as a table or as JSON, those of a query by its key, or all."""
    chosen = [row for row in marks if query is None or row.query == query]
    if as_json:
        print_json({"marks": [row.to_json() for row in chosen]})
    elif not chosen:
        say("nothing is marked")
    else:
        rows = [
            (row.query_name, "right" if row.right else "wrong", row.uri, row.id or "no longer there", row.made) for row in chosen
        ]
        print_table(("query", "", "image", "id", "made"), rows)


def print_update(collection: Path, update: UpdateReport) -> None:
    """Name what was skipped and what a person should know else, then count what became of the images."""
    report = update.index
    say_skipped(report.skipped)
    for line in report.in_words():
        say(line)
    print_line(
        f"{collection}: {report.seen} images seen, {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.vanished} vanished, {report.unchanged} unchanged, {len(report.skipped)} skipped, {report.seconds:.1f} s"
    )
    if update.why_exact is not None:
        say(f"searching stays exact: {update.why_exact}")
