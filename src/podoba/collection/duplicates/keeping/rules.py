"""By what a person wants copies to be kept: rules by name, `--keep oldest` or `--keep format:jpeg,png`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

from podoba.collection.duplicates.same_file import Places
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError, did_you_mean
from podoba.files import shown
from podoba.images.formats.openers import FORMATS
from podoba.images.sources.base import located

Key = Callable[[Item], tuple[float, ...]]
ENDINGS = {"JPG": "JPEG", "TIF": "TIFF", "HEIC": "HEIF", "JP2": "JPEG2000"}
KNOWN = (*dict.fromkeys([*FORMATS, "HEIF", "JXL", "JPEG2000"]),)  # what is read by extras too


@dataclass(frozen=True)
class Rule:
    """A wish.

    Attributes:
        words: why a copy is kept by it.
        key: the lower, the rather an item is kept.
    """

    words: str
    key: Key


def written(item: Item) -> tuple[float, float]:
    """When a picture was taken, or else last written, and when its file was last written: seconds, infinite where unknown."""
    text = item.attributes.get("taken") or item.attributes.get("modified")
    stamp = (item.stamp or "").rpartition("-")[2] if "modified" in item.attributes else ""
    try:
        moment = datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        moment = inf
    return moment, int(stamp) / 1e9 if stamp.isdigit() else inf


def pixels(item: Item) -> int:
    """How many pixels a picture has; 0 where it is not known."""
    return item.width * item.height


SIMPLE = {
    "oldest": Rule("oldest", written),
    "newest": Rule("newest", lambda item: tuple(-moment if moment < inf else inf for moment in written(item))),
    "largest": Rule("most pixels", lambda item: (-pixels(item),)),
    "smallest": Rule("fewest pixels", lambda item: (pixels(item) or inf,)),
    "most-bytes": Rule("most bytes", lambda item: (-item.size,)),
    "fewest-bytes": Rule("fewest bytes", lambda item: (item.size or inf,)),
}
LISTS = ("format:", "folder:")
NAMES = (*SIMPLE, *LISTS)


def parse_rules(store: Store, texts: Sequence[str]) -> list[Rule]:
    """Rules by their names, in the order in which they count.

    Args:
        texts: of `SIMPLE`; `format:jpeg,png`, the formats in the order in which they are preferred; `folder:/a,/b` likewise.

    Raises:
        CollectionError: an unknown rule or format, or a folder in which nothing was indexed.
    """
    return [_parse(store, text.strip()) for text in texts]


def known_places(store: Store, paths: Sequence[str]) -> list[Places]:
    """Folders or images, one by one.

    Raises:
        CollectionError: one in which nothing was indexed: what is meant to be kept must not be moved for a slip of the pen.
    """
    uris = [item.uri for item in store.items.select()] if paths else []
    places = [Places([str(located(path))]) for path in paths]
    for path, place in zip(paths, places, strict=True):
        if not any(place.hold(uri) for uri in uris):
            raise CollectionError(f"{shown(str(located(path)))}: no indexed image lies there: check its name, or index it")
    return places


def _parse(store: Store, text: str) -> Rule:
    if text in SIMPLE:
        return SIMPLE[text]
    name, colon, listed = text.partition(":")
    values = [value.strip() for value in listed.split(",") if value.strip()]
    if f"{name}{colon}" in LISTS and values:
        return _by_format(values) if name == "format" else _by_folder(store, values)
    meant = did_you_mean(name, [known.rstrip(":") for known in NAMES], otherwise=f"there are {', '.join(NAMES)}")
    if f"{name}:" in LISTS:
        meant = f"name the {name}s, as in {name}:{'jpeg,png' if name == 'format' else '/a,/b'}"
    raise CollectionError(f"no rule for what is kept is called {text!r}: {meant}")


def _by_format(values: Sequence[str]) -> Rule:
    wanted = [ENDINGS.get(value.upper(), value.upper()) for value in values]
    for value, name in zip(values, wanted, strict=True):
        if name not in KNOWN:
            known = [known.lower() for known in KNOWN]
            raise CollectionError(f"no format is called {value!r}: {did_you_mean(value.lower(), known, ', '.join(known))}")
    return Rule(f"of the format {', '.join(wanted)}", lambda item: (_place(item.format, wanted),))


def _place(kind: str, wanted: Sequence[str]) -> float:
    kind = "JPEG" if kind == "MPO" else kind
    return wanted.index(kind) if kind in wanted else inf


def _by_folder(store: Store, values: Sequence[str]) -> Rule:
    places = known_places(store, values)
    return Rule(f"in the folder {', '.join(values)}", lambda item: (_first_that_holds(item, places),))


def _first_that_holds(item: Item, places: Sequence[Places]) -> float:
    return next((float(order) for order, place in enumerate(places) if place.hold(item.uri)), inf)
