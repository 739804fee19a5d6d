"""A frozen result as a file: CSV, JSON, or a page with its pictures."""

from typing import Literal, NamedTuple

from podoba.collection.search.page import Figure, figures_html, whole_page
from podoba.collection.search.results import SearchResult, lines_of
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import encoded
from podoba.serve.queries.opened import OpenedCollection
from podoba.serve.queries.pictures import thumbnail
from podoba.serve.queries.searching import without_paths

Format = Literal["csv", "json", "html"]
SIDE = 192  # of the pictures of a page
KINDS: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json", "html": "text/html; charset=utf-8"}


class Exported(NamedTuple):
    """A file to be saved."""

    data: bytes
    kind: str
    name: str


def export(opened: OpenedCollection, result: SearchResult, kind: Format, *, show_paths: bool) -> Exported:
    """A result as a file, with the places of the pictures only where these may be shown."""
    shown = result if show_paths else without_paths(result)
    if kind == "csv":
        data = shown.to_csv().encode()
    elif kind == "json":
        data = encoded(shown.to_json())
    else:
        own = {name.id for name in result.itself}
        figures = [Figure(hit.uri, lines_of(hit, hit.id in own), picture=_picture(opened, hit.id)) for hit in shown.hits]
        body = figures_html(figures, "" if figures else "nothing similar was found")
        data = whole_page(f"podoba: {opened.name}", body).encode()
    return Exported(data, KINDS[kind], f"{opened.name}-results.{kind}")


def _picture(opened: OpenedCollection, id_: str) -> bytes:
    """A small JPEG of an item; empty where there is none any more."""
    try:
        return thumbnail(opened, opened.collection.item(id_), SIDE)
    except Problem:
        return b""
