"""Shards opened on a worker: from a spec to records whose bytes can be read."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from podoba.errors import SourceError
from podoba.images.kinds import ending_of
from podoba.images.record import ImageRecord, Skipped
from podoba.images.remote.address import is_remote
from podoba.images.remote.file import RemoteFile
from podoba.images.remote.reading import read_head, read_remote
from podoba.images.sources import archive
from podoba.images.sources.base import MAX_BYTES, read_file, record_id
from podoba.images.sources.open import open_source
from podoba.images.sources.signature import HEAD, starts_like_picture
from podoba.images.sources.table import ImageTable
from podoba.scale.shards.shard import Shard


@dataclass(frozen=True)
class OpenShard:
    """A shard whose images can be read, as long as it is open.

    Attributes:
        records: equal to those that `open_source` gives of the whole source.
        problems: what was met and cannot be an image at all.
        place: what items remember of the source (`Item.source`).
        one_by_one: whether each image is a request of its own to a store.
    """

    records: Iterator[ImageRecord]
    problems: Sequence[Skipped]
    place: str
    one_by_one: bool = False


@contextmanager
def open_shard(shard: Shard) -> Iterator[OpenShard]:
    """Open a shard; what it needs, such as a copy of a remote archive, is there until the end of the context.

    Raises:
        SourceError: its source is not there any more or cannot be read; also while its records are taken.
        MissingExtra: an address without podoba[scale].
    """
    wanted = shard.spec["wanted"]
    with OPENERS[shard.kind](shard.spec) as (records, problems):
        chosen = (record for record in records if wanted is None or record.split == wanted)
        one_by_one = shard.kind == "records" and any(is_remote(values[0]) for values in shard.spec["records"][:1])
        yield OpenShard(chosen, problems, shard.spec["place"], one_by_one)


def records_of(shard: Shard) -> Iterator[ImageRecord]:
    """The records of a shard, which can be opened while this iterator is not at its end. Raises as `open_shard`."""
    with open_shard(shard) as opened:
        yield from opened.records


Opened = tuple[Iterator[ImageRecord], Sequence[Skipped]]


@contextmanager
def _records(spec: Mapping[str, Any]) -> Iterator[Opened]:
    yield (record for values in spec["records"] if (record := _record(values, look=spec["look"])) is not None), []


def _record(values: Sequence[Any], *, look: bool) -> ImageRecord | None:
    """A picture by its values; None where it has no ending, nobody looked into it yet, and it is none by its first bytes."""
    uri, label, split, stamp, attributes = values
    if look and not ending_of(uri) and not starts_like_picture(read_head(uri, HEAD)):
        return None
    size = (stamp or "").partition("-")[0]  # so that it need not be asked for
    known = int(size) if size.isdecimal() else None
    opener = partial(read_remote, uri, MAX_BYTES, known) if is_remote(uri) else partial(read_file, Path(uri))
    return ImageRecord(record_id(uri), uri, label, opener, stamp, split, attributes)


@contextmanager
def _tar(spec: Mapping[str, Any]) -> Iterator[Opened]:
    """A remote one is fetched once, from its first byte to its last: members are read and links followed in the copy."""
    place = _place(spec["address"])
    with tempfile.TemporaryDirectory(prefix="podoba-") as folder:
        try:
            here = place.copied_to(Path(folder) / "copy") if isinstance(place, RemoteFile) else place
        except OSError as error:
            raise SourceError(f"{place}: cannot be copied to {folder} ({error}): set TMPDIR to a larger disk") from error
        source = archive.open_tar(here, spec["exclude"])
        yield iter(source.records), source.problems


@contextmanager
def _table(spec: Mapping[str, Any]) -> Iterator[Opened]:
    table = ImageTable(_place(spec["address"]), spec["are_whole"])
    yield table.records(spec["start"], spec["stop"]), []


@contextmanager
def _slice(spec: Mapping[str, Any]) -> Iterator[Opened]:
    source = open_source(spec["source"], spec["split"], exclude=spec["exclude"])
    yield iter(source.records[spec["start"] : spec["stop"]]), []


def _place(address: str) -> Path | RemoteFile:
    return RemoteFile(address) if is_remote(address) else Path(address)


OPENERS: Mapping[str, Callable[[Mapping[str, Any]], AbstractContextManager[Opened]]] = {
    "records": _records,
    "tar": _tar,
    "table": _table,
    "slice": _slice,
}
"""By `Shard.kind`."""
