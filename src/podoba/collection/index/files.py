"""The folder beside a collection where what is derived from it is kept: descriptors ready to be mapped, and an index of them.

It may be removed at any time. Every byte in it is looked through by its checksum before it is used.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from podoba.arrays import Floats
from podoba.collection.index.blocks import Sealed, block_sums, padded, sum_of_file

Numbers = NDArray[np.int64]

ENDING = ".cache"
MANIFEST = "manifest.json"
FORMAT = 1


class IndexFacts(BaseModel):
    """An index and how well it finds.

    Attributes:
        width: of a search: `efSearch` of HNSW, `nprobe` of IVF.
        candidates: rows found by it for each of 10 neighbours, which are then compared exactly.
        recall: recall@10 against exact search, on `sample` items that were not used for tuning.
        built: rows when it was last built as a whole; later ones were added to it.
        held: of these, the sample's, ascending, which were added last.
    """

    model_config = ConfigDict(extra="forbid")

    file: str
    bytes: int
    sum: str
    kind: Literal["hnsw", "ivf"]
    codes: str
    held: list[int]
    width: int
    candidates: int
    recall: float
    target: float
    sample: int
    built: int
    seconds: float


class Manifest(BaseModel):
    """What the cache holds, and of which moment of which collection."""

    model_config = ConfigDict(extra="forbid")

    format: int = FORMAT
    generation: int
    token: str
    fingerprint: str
    dim: int
    rows: int
    file: str
    bytes: int
    sums: int
    index: IndexFacts | None = None
    why_none: str | None = None


@dataclass(frozen=True)
class Mapped:
    """Descriptors in a mapped file, in the order in which they were put there.

    Attributes:
        numbers: int64 (rows,): `items.number`, each once.
        matrix: float32 (rows, dim).
        seal: looks through the matrix before it is read.
    """

    numbers: Numbers
    matrix: Floats
    seal: Sealed


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
            found = Manifest.model_validate(values)
        except (OSError, ValueError, ValidationError, AttributeError, KeyError, TypeError):
            return None
        return found if check == _check(found) and found.format == FORMAT else None

    def version(self) -> int:
        """A number that is another one once the manifest was written anew; 0 where there is none."""
        try:
            return os.stat(self._manifest).st_mtime_ns
        except OSError:
            return 0

    def write_manifest(self, manifest: Manifest) -> None:
        """Make this what the cache holds. Raises `OSError`."""
        draft = self.folder / f".{os.getpid()}.manifest"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(manifest.model_dump() | {"check": _check(manifest)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._manifest)

    def sweep(self) -> None:
        """Remove files that the manifest does not name: of an earlier one, or of a build that came to nothing."""
        manifest = self.read_manifest()
        named = set() if manifest is None else {manifest.file, manifest.index.file if manifest.index else ""}
        for path in [*self.folder.glob("descriptors-*"), *self.folder.glob("index-*"), *self.folder.glob(".*.manifest")]:
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

    def write_descriptors(self, name: str, dim: int, parts: Iterable[tuple[Numbers, Floats]]) -> tuple[int, int, int]:
        """Write descriptors in the order in which they come, a part (numbers (n,), matrix (n, dim)) at a time.

        Returns:
            rows, bytes of the file, checksum of its checksums: fields of the manifest.

        Raises:
            OSError: a full disk, or a place that cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        path = self.folder / name
        numbers: list[Numbers] = []
        try:
            with path.open("wb") as file:
                writer = _Summing(file)
                for some, matrix in parts:
                    numbers.append(some)
                    writer.write(np.ascontiguousarray(matrix, dtype="<f4").view(np.uint8).reshape(-1))
                writer.fill()
                together = np.concatenate([*numbers, np.empty(0, dtype=np.int64)])
                writer.write(together.astype("<i8").view(np.uint8))
                writer.fill()
                sums = np.concatenate(writer.sums).astype("<i8").tobytes()
                file.write(sums)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return len(together), size, zlib.crc32(sums)

    def map_descriptors(self, manifest: Manifest) -> Mapped:
        """The descriptors, mapped.

        Raises:
            OSError, ValueError: missing, or not what was written.
        """
        path = self.folder / manifest.file
        matrix_bytes = padded(4 * manifest.rows * manifest.dim)
        number_bytes = padded(8 * manifest.rows)
        if path.stat().st_size != manifest.bytes or manifest.bytes < matrix_bytes + number_bytes:
            raise ValueError("a file of another size")
        data = np.memmap(path, dtype=np.uint8, mode="r")
        sums = np.frombuffer(data[matrix_bytes + number_bytes :].tobytes(), dtype="<i8")
        if zlib.crc32(sums.tobytes()) != manifest.sums or len(sums) != (matrix_bytes + number_bytes) // 4096:
            raise ValueError("checksums that are not those that were written")
        seal = Sealed(data[: matrix_bytes + number_bytes], sums)
        seal.touch(matrix_bytes, matrix_bytes + number_bytes)
        numbers = data[matrix_bytes : matrix_bytes + 8 * manifest.rows].view("<i8")
        matrix = data[: 4 * manifest.rows * manifest.dim].view("<f4").reshape(manifest.rows, manifest.dim)
        return Mapped(np.asarray(numbers), np.asarray(matrix), seal)

    def open_index(self, facts: IndexFacts) -> Path:
        """The file of the index, looked through. Raises `OSError`, `ValueError` as `map_descriptors`."""
        path = self.folder / facts.file
        if path.stat().st_size != facts.bytes or sum_of_file(path) != facts.sum:
            raise ValueError("an index that is not what was written")
        return path


class _Summing:
    """Writes bytes, and sums their blocks."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.sums: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        self.rest = np.empty(0, dtype=np.uint8)

    def write(self, data: NDArray[np.uint8]) -> None:
        self.file.write(data.data)
        if len(self.rest):
            data = np.concatenate([self.rest, data])
        whole = len(data) // 4096 * 4096
        self.sums.append(block_sums(np.ascontiguousarray(data[:whole])))
        self.rest = data[whole:].copy()

    def fill(self) -> None:
        """Zeros up to the end of the block."""
        if len(self.rest):
            self.write(np.zeros(4096 - len(self.rest), dtype=np.uint8))


def _check(manifest: Manifest) -> int:
    return zlib.crc32(json.dumps(manifest.model_dump(), sort_keys=True).encode())
