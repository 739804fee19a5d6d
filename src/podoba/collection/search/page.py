"""Results as pictures in HTML: a fragment for notebooks, and a page that needs no other file."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from podoba.collection.search.thumbnails import small_jpeg
from podoba.errors import PodobaError
from podoba.files import shown
from podoba.images.locate import find_record

if TYPE_CHECKING:
    from podoba.collection.duplicates.find import Duplicates
    from podoba.collection.search.results import Hit, SearchResult

SIDE = 192  # pixels of a picture
STYLE = """
.podoba { display: flex; flex-wrap: wrap; gap: 12px; padding: 0; margin: 12px 0; font: 13px/1.35 system-ui, sans-serif; }
.podoba figure { width: 192px; margin: 0; border: 1px solid #8886; border-radius: 6px; overflow: hidden; }
.podoba .box { height: 192px; display: flex; align-items: center; justify-content: center; background: #8882; }
.podoba img { max-width: 100%; max-height: 100%; min-width: 48px; image-rendering: auto; }
.podoba figcaption { padding: 6px 8px; overflow-wrap: anywhere; }
.podoba .asked { border-width: 3px; border-color: #2a78d6; }
""".strip()


def gallery(result: SearchResult) -> str:
    """The images that were asked with, and the hits with what is known of them: HTML with the pictures inside."""
    figures = [_figure(uri, ["query"], asked=True) for uri in result.asked]
    figures += [_figure(hit.uri, _lines(hit)) for hit in result.hits]
    found = "" if result.hits else "<p>nothing similar was found</p>"
    return f'<style>{STYLE}</style><div class="podoba">{"".join(figures)}</div>{found}'


def page(result: SearchResult) -> str:
    """The same as a whole page."""
    return _whole(f"podoba: {result.query}", gallery(result))


def duplicates_page(found: Duplicates, name: str) -> str:
    """Groups of duplicates as a page, the image that is kept first in each."""
    parts = [f"<style>{STYLE}</style>"]
    for group in found.groups:
        figures = [_figure(group.keep.item.uri, [group.keep.reason], asked=True)]
        figures += [_figure(copy.item.uri, [copy.reason]) for copy in group.copies]
        parts.append(f'<h2>{html.escape(group.kind)}</h2><div class="podoba">{"".join(figures)}</div>')
    if not found.groups:
        parts.append("<p>no duplicates</p>")
    return _whole(f"podoba duplicates: {name}", "".join(parts))


def _whole(title: str, body: str) -> str:
    title = html.escape(shown(title))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>\n"
    )


def _lines(hit: Hit) -> list[str]:
    chance = "" if hit.probability is None else f", probability {hit.probability:.0%}"
    label = [] if hit.label is None else [hit.label]
    return [f"{hit.rank}. similarity {hit.similarity:.3f}{chance}", *label]


def _figure(uri: str, lines: Sequence[str], *, asked: bool = False) -> str:
    name = html.escape(PurePath(shown(uri)).name)
    try:
        data = base64.b64encode(small_jpeg(find_record(uri).open(), uri, SIDE)).decode()
        picture = f'<img alt="{name}" src="data:image/jpeg;base64,{data}">'
    except PodobaError:
        picture = "cannot be read"
    said = "<br>".join(html.escape(shown(line)) for line in [*lines, PurePath(uri).name])
    kind = ' class="asked"' if asked else ""
    title = html.escape(shown(uri))
    return f'<figure{kind} title="{title}"><div class="box">{picture}</div><figcaption>{said}</figcaption></figure>'
