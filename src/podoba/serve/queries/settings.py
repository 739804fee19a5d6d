"""How much of queries and answers is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QuerySettings:
    """What is tuned.

    Attributes:
        upload_bytes: of all uploads that are kept; the one that was used longest ago goes first.
        upload_seconds: for which an upload is kept after its last use.
        descriptors: of uploads and boxes that are kept, a few kilobytes each.
        result_hits: hits of all answers that are kept, of which further pages can be asked; a few hundred bytes each.
        result_seconds: for which an answer is kept after its last use.
        parts: of a query at most, wanted and unwanted ones each.
        page: hits or items of one answer, where none is asked for.
        most_items: of one list of items.
        originals: largest file of an item that is sent, in bytes.
        thumbnail_seconds: for which a browser does not ask again for a thumbnail.
    """

    upload_bytes: int = 64 << 20
    upload_seconds: float = 3600.0
    descriptors: int = 4096
    result_hits: int = 100_000
    result_seconds: float = 3600.0
    parts: int = 32
    page: int = 60
    most_items: int = 1000
    originals: int = 256 << 20
    thumbnail_seconds: int = 3600


DEFAULT = QuerySettings()
