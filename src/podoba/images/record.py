"""One image of a source, before it is read; and one that was skipped."""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

log = logging.getLogger(__name__)

Attribute = str | int | float | None


def as_attribute(value: object) -> Attribute:
    """What a column of a table says of an image; times are ISO 8601 text, UTC where they name a zone; None for a list."""
    match value:
        case str() | int() | float():
            return value
        case datetime():
            moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
            return moment.isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
    return None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image that can be opened: where it is, what it is called, what is known of it.

    Attributes:
        id: stable name of the image, the same at every reading of the source: 16 hexadecimal digits.
        uri: an absolute path; inside an archive or table `/path/file.zip!/inner/name.jpg`, `/path/file.parquet!/17`.
        label: class name, in composed Unicode (NFC), so that one name is one class; or None where the source has none.
        open: reads the encoded bytes; raises `UnreadableImage`.
        stamp: changes when the bytes may have changed (size and time of the file they are in); None where unknown.
        split: name of the split the source puts it in ("train", "test" ...), or None.
        attributes: further columns of a manifest.
    """

    id: str
    uri: str
    label: str | None
    open: Callable[[], bytes] = field(repr=False, compare=False)
    stamp: str | None = None
    split: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.label is not None and not self.label.isascii():
            object.__setattr__(self, "label", unicodedata.normalize("NFC", self.label))


@dataclass(frozen=True)
class Skipped:
    """An image that was left out, and why."""

    uri: str
    reason: str


def report_skipped(rows: Iterable[Skipped], skipped: list[Skipped] | None) -> None:
    """Add images that were left out to a caller's list; where it keeps none, log each, so that none is left out in silence."""
    if skipped is not None:
        skipped.extend(rows)
        return
    for row in rows:
        log.warning("skipped: %s: %s", row.uri, row.reason)


def count_reasons(skipped: Iterable[Skipped]) -> dict[str, int]:
    """How many were left out for each reason, the most frequent first; reasons may differ in their numbers."""
    return dict(Counter(re.sub(r"\d+(x\d+)?", "…", row.reason) for row in skipped).most_common())
