"""Groups of duplicates as a page of HTML."""

import html
from pathlib import Path

from podoba.collection.duplicates.results import Duplicates
from podoba.collection.search.page import Figure, figures_html, whole_page
from podoba.files import write_text


def duplicates_page(duplicates: Duplicates, name: str) -> str:
    """Groups of duplicates of the collection of this name, the image that is kept first in each."""
    parts = []
    for group in duplicates.groups:
        figures = [Figure(group.keep.item.uri, [group.keep.reason], marked=True)]
        figures += [Figure(copy.item.uri, [copy.reason]) for copy in group.copies]
        parts.append(f"<h2>{html.escape(group.kind)}</h2>{figures_html(figures)}")
    return whole_page(f"podoba duplicates: {name}", "".join(parts or ["<p>no duplicates</p>"]))


def write_page(duplicates: Duplicates, name: str, path: Path) -> None:
    """Write `duplicates_page` into a file. Raises `OSError`."""
    write_text(path, duplicates_page(duplicates, name))
