"""Marks for a person."""

from __future__ import annotations

from collections.abc import Sequence

from podoba.cli.console import print_json, print_table, say
from podoba.collection.storage.marks import Mark


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
