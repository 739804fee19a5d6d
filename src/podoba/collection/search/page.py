"""Images in HTML: a fragment for notebooks, and a page that needs no other file."""

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from podoba.collection.search.thumbnails import small_jpeg
from podoba.errors import PodobaError
from podoba.files import shown
from podoba.images.locate import find_record

SIDE = 192  # pixels of a picture
STYLE = """
.podoba { display: flex; flex-wrap: wrap; gap: 12px; padding: 0; margin: 12px 0; font: 13px/1.35 system-ui, sans-serif; }
.podoba figure { width: 192px; margin: 0; border: 1px solid #8886; border-radius: 6px; overflow: hidden; }
.podoba .box { height: 192px; display: flex; align-items: center; justify-content: center; background: #8882; }
.podoba img { max-width: 100%; max-height: 100%; min-width: 48px; image-rendering: auto; }
.podoba figcaption { padding: 6px 8px; overflow-wrap: anywhere; }
.podoba .place { display: block; user-select: all; font-size: 11px; opacity: .75; }
.podoba .query { border-width: 3px; border-color: #2a78d6; }
""".strip()


@dataclass(frozen=True)
class Figure:
    """An image by its uri, which stands below it, and lines of text over that.

    Attributes:
        marked: an image of the query, or the one that is kept.
        picture: a small JPEG; None: it is made of the image at the uri; empty: there is none.
    """

    uri: str
    lines: Sequence[str]
    marked: bool = False
    picture: bytes | None = None


def figures_html(figures: Iterable[Figure], otherwise: str = "") -> str:
    """Images side by side: HTML with the pictures inside, which needs `STYLE`. `otherwise`: what to say below."""
    said = f"<p>{html.escape(otherwise)}</p>" if otherwise else ""
    return f'<div class="podoba">{"".join(map(_figure, figures))}</div>{said}'


def whole_page(title: str, body: str) -> str:
    """A page that needs no other file."""
    title = html.escape(shown(title))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>\n"
    )


def _jpeg(uri: str) -> bytes:
    """A small picture of the image at a place; empty where that cannot be read."""
    try:
        return small_jpeg(find_record(uri).open(), uri, SIDE)
    except PodobaError:
        return b""


def _figure(figure: Figure) -> str:
    uri = figure.uri
    name = html.escape(PurePath(shown(uri)).name)
    jpeg = _jpeg(uri) if figure.picture is None else figure.picture
    data = base64.b64encode(jpeg).decode()
    picture = f'<img alt="{name}" src="data:image/jpeg;base64,{data}">' if data else "cannot be read"
    said = "<br>".join(html.escape(shown(line)) for line in figure.lines)
    kind = ' class="query"' if figure.marked else ""
    place = f'<span class="place">{html.escape(shown(uri))}</span>'
    return f'<figure{kind}><div class="box">{picture}</div><figcaption>{said}{place}</figcaption></figure>'
