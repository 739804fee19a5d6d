"""Files of a folder, here or in an object store, that are there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from podoba.errors import CollectionError
from podoba.files import is_address, without_user
from podoba.images.remote.address import is_remote, without_end
from podoba.images.remote.file import FORWARDS, RemoteFile, opened
from podoba.images.remote.filesystem import asked, filesystem

ENDING = ".parquet"
FACTS = "podoba.shard"  # the key of `ShardFacts` in a file's metadata
SKIPPED = ".skipped.json"  # in the place of `ENDING`


class OutputFolder:
    """A folder that shards are written to.

    Attributes:
        place: a path in full, or an address such as `s3://bucket/descriptors`.
        is_remote: whether it is an address.
    """

    def __init__(self, place: str) -> None:
        """Nothing is opened. Raises `CollectionError` for an address of another kind."""
        if is_address(place) and not is_remote(place):
            raise CollectionError(
                f"{without_user(place)}: no such kind of address: name a folder, or one at s3://, gs:// or az://"
            )
        self.place = without_end(place) if is_remote(place) else str(Path(place).expanduser().absolute())
        self.is_remote = is_remote(place)

    def at(self, name: str) -> str:
        """The place of a file in it."""
        return f"{self.place}/{name}"

    def holds(self, name: str) -> bool:
        """Whether a file is there. Raises `SourceError` where its store does not say."""
        if not self.is_remote:
            return os.path.exists(self.at(name))
        store = filesystem(self.place)
        return bool(asked(self.place, lambda: store.exists(self.at(name))))

    def names(self) -> dict[str, float]:
        """Files in it by name, and when they were last written, in seconds.

        Raises:
            SourceError: there is no such folder, or its store cannot be reached.
        """
        if not self.is_remote:
            try:
                with os.scandir(self.place) as entries:
                    return {entry.name: entry.stat().st_mtime for entry in entries if entry.is_file()}
            except OSError as error:
                raise CollectionError(f"{self.place}: cannot be read ({error.strerror}): name a folder of shards") from error
        store = filesystem(self.place)
        infos = asked(self.place, lambda: store.ls(self.place, detail=True))
        return {str(info["name"]).rpartition("/")[2]: _time(info) for info in infos if info["type"] == "file"}

    def facts(self, name: str) -> ShardFacts:
        """What a file of descriptors says of its shard. Raises `CollectionError`, and `SourceError` of a remote one."""
        try:
            with self.reading(name) as file:
                return facts_in(file)
        except (OSError, ValueError) as error:
            raise CollectionError(f"{self.at(name)}: no file of a shard ({error}): remove it, and run again") from error

    @contextmanager
    def reading(self, name: str) -> Iterator[IO[bytes]]:
        """A file of it, open. Raises `OSError` of one that is here, `SourceError` of a remote one."""
        with opened(RemoteFile(self.at(name)) if self.is_remote else Path(self.at(name)), FORWARDS) as file:
            yield file

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write to; at the end the file stands in the folder by its name, as a whole.

        Here it is renamed. To an object store it is sent as one object, which is there when it is complete.

        Raises:
            CollectionError: it cannot be written.
            SourceError: the store cannot be reached, or refuses it.
        """
        if self.is_remote:
            store = filesystem(self.place)
            with TemporaryDirectory(prefix="podoba-") as folder:
                yield Path(folder) / name
                asked(self.place, lambda: store.put_file(f"{folder}/{name}", self.at(name)))
            return
        # A name of its own: a worker that was given up may still be at the same shard.
        draft = Path(self.place) / f".{name}.{secrets.token_hex(4)}"
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            yield draft
            os.replace(draft, self.at(name))
        except OSError as error:
            raise CollectionError(f"{self.place}: cannot be written ({error.strerror or error}): choose another place") from error
        finally:
            with suppress(OSError):
                draft.unlink()


@dataclass(frozen=True)
class ShardFacts:
    """What a file of descriptors says of its shard, in its metadata.

    Attributes:
        key: of the shard.
        source: what the items remember of where they were found (`Item.source`).
        images, skipped: how many have a descriptor, and how many were left out.
    """

    key: str
    source: str
    images: int
    skipped: int

    def metadata(self) -> dict[str, str]:
        """As `write_parquet` takes it."""
        return {FACTS: json.dumps(vars(self))}


def facts_in(file: IO[bytes]) -> ShardFacts:
    """The facts of a shard in an open Parquet file. Raises `ValueError` where it says nothing of a shard, or is damaged."""
    import pyarrow.parquet as pq

    try:
        return ShardFacts(**json.loads(pq.ParquetFile(file).schema_arrow.metadata[FACTS.encode()]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it says nothing of a shard") from error


def output_name(fingerprint: str, key: str) -> str:
    """The name of a shard's output, without its ending: sha256 of the model's fingerprint and the shard's key."""
    return hashlib.sha256(f"{fingerprint} {key}".encode()).hexdigest()


def _time(info: dict[str, object]) -> float:
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        value = info.get(name)
        if isinstance(value, int | float):
            return float(value)
        if hasattr(value, "timestamp"):
            return float(value.timestamp())
    return 0.0
