"""A part of a source that one worker reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shard:
    """A part of a source: small enough to be sent to a worker, which opens it there. It can be pickled, and written as JSON.

    Attributes:
        source: as a person named it: the folder, table, archive or address.
        kind: a name of the table of openers, which says how `spec` is read.
        spec: JSON values: all that is needed to open it on another machine.
        key: 64 hexadecimal digits of what it holds: names with ETags, sizes or times, so that a change gives another key.
        count: images that it names; None where that is known only when it is read, as of a tar.
    """

    source: str
    kind: str
    spec: Mapping[str, Any]
    key: str
    count: int | None = None
