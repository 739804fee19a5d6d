"""The results of a search for a person."""

from __future__ import annotations

import sys

from podoba.cli.console import print_table, say
from podoba.collection.search.results import Hit, SearchResult


def print_hits(result: SearchResult, pictures: bool | None = None) -> None:
    """A table with pictures at a terminal, else plain lines. `pictures`: as in `result_table.print_results`."""
    if not result.hits:
        say("nothing similar was found")
    elif sys.stdout.isatty():
        from podoba.cli.terminal.result_table import print_results

        print_results(result, pictures)
    else:
        print_table(("", "similarity", "probability", "label", "image", "id"), [_cells(hit) for hit in result.hits])


def _cells(hit: Hit) -> tuple[str, ...]:
    chance = "" if hit.probability is None else f"{hit.probability:.3f}"
    return str(hit.rank), f"{hit.similarity:.4f}", chance, hit.label or "", hit.uri, hit.id
