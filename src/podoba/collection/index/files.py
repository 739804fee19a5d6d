"""The folder beside a collection where what is derived from it is kept: descriptors ready to be mapped, and an index of them.

It may be removed at any time. Every byte in it is verified by its checksum before it is used.
"""

import json
import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from podoba.arrays import Floats, Indices
from podoba.collection.index.block_checksums import (
    BLOCK,
    Bytes,
    Checksums,
    DamagedCache,
    VerifiedBytes,
    block_checksums,
    file_checksum,
    padded,
)
from podoba.files import write_json

ENDING = ".cache"
MANIFEST = "manifest.json"
FORMAT = 2


class IndexFacts(BaseModel):
    """An index and how well it finds.

    Attributes:
        width: of a search: `efSearch` of HNSW, `nprobe` of IVF.
        candidates: rows found by it for each of 10 neighbours, which are then compared exactly.
        recall: recall@10 against exact search, on the sample.
        sample: rows by which recall was measured before they were in the index, ascending; they were then added last.
        built: rows when it was last built as a whole; later ones were added to it.
    """

    model_config = ConfigDict(extra="forbid")

    file: str
    bytes: int
    checksum: str
    kind: Literal["hnsw", "ivf"]
    codes: str
    width: int
    candidates: int
    recall: float
    target: float
    sample: list[int]
    built: int
    seconds: float


class Manifest(BaseModel):
    """What is in the cache, and of which generation of which collection."""

    model_config = ConfigDict(extra="forbid")

    format: int = FORMAT
    generation: int
    token: str
    fingerprint: str
    dim: int
    rows: int
    file: str
    bytes: int
    checksum: int
    index: IndexFacts | None = None
    why_none: str | None = None


@dataclass(frozen=True)
class Mapped:
    """Descriptors in a mapped file, in the order in which they were put there.

    Attributes:
        numbers: int64 (rows,): `items.number`, each once.
        matrix: float32 (rows, dim).
        verified: the bytes of the file, verified before they are read.
    """

    numbers: Indices
    matrix: Floats
    verified: VerifiedBytes


class IndexCache:
    """The cache folder of a collection."""

    def __init__(self, collection: Path) -> None:
        self.folder = collection.with_name(f"{collection.name}{ENDING}")
        self._manifest = self.folder / MANIFEST

    def read_manifest(self) -> Manifest | None:
        """What is there; None where nothing is, or where it is not what was written."""
        try:
            values = json.loads(self._manifest.read_bytes())
            check = values.pop("check")
            manifest = Manifest.model_validate(values)
        except (OSError, ValueError, ValidationError, AttributeError, KeyError, TypeError):
            return None
        return manifest if check == _check(manifest) and manifest.format == FORMAT else None

    def version(self) -> int:
        """A number that is another one once the manifest was rewritten; 0 where there is none."""
        try:
            return os.stat(self._manifest).st_mtime_ns
        except OSError:
            return 0

    def write_manifest(self, manifest: Manifest) -> None:
        """Make this what is in the cache. Raises `OSError`."""
        write_json(self._manifest, manifest.model_dump() | {"check": _check(manifest)})

    def sweep(self) -> None:
        """Remove files that the manifest does not name: of an earlier one, or of a build that came to nothing."""
        manifest = self.read_manifest()
        named = set() if manifest is None else {manifest.file, manifest.index.file if manifest.index else ""}
        for path in [*self.folder.glob("descriptors-*"), *self.folder.glob("index-*"), *self.folder.glob(f"{MANIFEST}.*")]:
            if path.name not in named:
                with suppress(OSError):
                    path.unlink()

    def remove(self) -> None:
        """Remove descriptors and index; thumbnails stay."""
        with suppress(OSError):
            self._manifest.unlink()
        self.sweep()
        with suppress(OSError):
            self.folder.rmdir()  # where nothing else is in it

    def write_descriptors(self, name: str, dim: int, parts: Iterable[tuple[Indices, Floats]]) -> tuple[int, int, int]:
        """Write descriptors in the order in which they come, a part (numbers (n,), matrix (n, dim)) at a time.

        Returns:
            rows, bytes of the file, checksum of its checksums: fields of the manifest.

        Raises:
            OSError: a full disk, or a place that cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        path = self.folder / name
        numbers: list[Indices] = []
        try:
            with path.open("wb") as file:
                writer = _BlockWriter(file)
                for some, matrix in parts:
                    numbers.append(some)
                    writer.write(np.ascontiguousarray(matrix, dtype="<f4").view(np.uint8).reshape(-1))
                writer.fill()
                together = np.concatenate([*numbers, np.empty(0, dtype=np.int64)])
                writer.write(together.astype("<i8").view(np.uint8))
                writer.fill()
                checksums = np.concatenate(writer.checksums).astype("<i8").tobytes()
                file.write(checksums)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return len(together), size, zlib.crc32(checksums)

    def map_descriptors(self, manifest: Manifest) -> Mapped:
        """The descriptors, mapped.

        Raises:
            DamagedCache: it is not what was written.
            OSError: it cannot be read.
        """
        path = self._present(manifest.file, manifest.bytes)
        matrix_bytes = padded(4 * manifest.rows * manifest.dim)
        size = matrix_bytes + padded(8 * manifest.rows)
        data = np.memmap(path, dtype=np.uint8, mode="r")
        checksums = np.frombuffer(data[size:].tobytes(), dtype="<i8")
        if zlib.crc32(checksums.tobytes()) != manifest.checksum or len(checksums) != size // BLOCK:
            raise DamagedCache("checksums that are not those that were written")
        verified = VerifiedBytes(data[:size], checksums)
        verified.verify(matrix_bytes, size)
        numbers = data[matrix_bytes : matrix_bytes + 8 * manifest.rows].view("<i8")
        matrix = data[: 4 * manifest.rows * manifest.dim].view("<f4").reshape(manifest.rows, manifest.dim)
        return Mapped(np.asarray(numbers), np.asarray(matrix), verified)

    def open_index(self, facts: IndexFacts) -> Path:
        """The file of the index, verified. Raises `DamagedCache`, `OSError` as `map_descriptors`."""
        path = self._present(facts.file, facts.bytes)
        if file_checksum(path) != facts.checksum:
            raise DamagedCache("an index that is not what was written")
        return path

    def _present(self, name: str, size: int) -> Path:
        path = self.folder / name
        if path.stat().st_size != size:
            raise DamagedCache(f"{name} is of another size")
        return path


class _BlockWriter:
    """Writes bytes, and keeps the checksums of their blocks."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.checksums: list[Checksums] = [np.empty(0, dtype=np.int64)]
        self.rest = np.empty(0, dtype=np.uint8)

    def write(self, data: Bytes) -> None:
        self.file.write(data.data)
        if len(self.rest):
            data = np.concatenate([self.rest, data])
        whole = len(data) // BLOCK * BLOCK
        self.checksums.append(block_checksums(np.ascontiguousarray(data[:whole])))
        self.rest = data[whole:].copy()

    def fill(self) -> None:
        """Zeros up to the end of the block."""
        if len(self.rest):
            self.write(np.zeros(BLOCK - len(self.rest), dtype=np.uint8))


def _check(manifest: Manifest) -> int:
    return zlib.crc32(json.dumps(manifest.model_dump(), sort_keys=True).encode())
