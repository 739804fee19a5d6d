"""Checksums of the blocks of a file, by which a flipped bit is noticed before it is read.

The blocks are verified when they are first read, and not the whole file when it is opened: at 4 GB/s that would take half a
second for a million descriptors of 512 numbers, of which a search through the index reads some forty.
"""

import threading
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices

Bytes = NDArray[np.uint8]
Checksums = NDArray[np.int64]

BLOCK = 4096  # bytes
WORDS = BLOCK // 8
AT_ONCE = 4096  # blocks summed at a time: 16 MiB


class DamagedCache(Exception):
    """A file of the cache is not what was written; the collection's own file still is."""


def _weights() -> Checksums:
    """Fixed odd numbers, by splitmix64 (Steele, Lea, Flood 2014): a change of any one word then always changes the sum."""
    weights, state, mask = [], 0x9E3779B97F4A7C15, (1 << 64) - 1
    for _ in range(WORDS):
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        weights.append((mixed ^ (mixed >> 31)) | 1)
    return np.array(weights, dtype=np.uint64).view(np.int64)


WEIGHTS = _weights()


def padded(size: int) -> int:
    """Bytes of whole blocks that hold `size` bytes."""
    return -(-size // BLOCK) * BLOCK


def block_checksums(data: Bytes) -> Checksums:
    """The weighted sum, mod 2^64, of the words of each block, int64 (blocks,), of bytes (n,), n a multiple of `BLOCK`."""
    words = data.view(np.int64).reshape(-1, WORDS)
    sums = np.empty(len(words), dtype=np.int64)
    for start in range(0, len(words), AT_ONCE):
        part = words[start : start + AT_ONCE]
        sums[start : start + len(part)] = np.einsum("ij,j->i", part, WEIGHTS)
    return sums


def file_checksum(path: Path) -> str:
    """A checksum of a whole file, 8 hexadecimal digits, at the speed of the memory once the file is cached there."""
    size = path.stat().st_size
    whole = size // BLOCK * BLOCK
    total = 0
    if whole:
        total = zlib.crc32(block_checksums(np.memmap(path, dtype=np.uint8, mode="r", shape=(whole,))).tobytes())
    with path.open("rb") as file:
        file.seek(whole)
        total = zlib.crc32(file.read(), total)
    return f"{zlib.crc32(str(size).encode(), total):08x}"


class VerifiedBytes:
    """Bytes in a mapped file, whose blocks are verified once before they are first read, by any number of threads.

    Attributes:
        data: uint8 (n,), n a multiple of `BLOCK`.
    """

    def __init__(self, data: Bytes, checksums: Checksums) -> None:
        self.data = data
        self._checksums = checksums
        self._verified = np.zeros(len(checksums), dtype=np.bool_)
        self._left = len(checksums)
        self._lock = threading.Lock()

    def verify(self, start: int, stop: int) -> None:
        """Verify the bytes from `start` to `stop`. Raises `DamagedCache` where they are not what was written."""
        first, last = start // BLOCK, -(-stop // BLOCK)
        if self._left and not self._verified[first:last].all():
            self._accept(np.arange(first, last), block_checksums(self.data[first * BLOCK : last * BLOCK]))

    def verify_rows(self, rows: Indices, width: int) -> None:
        """Verify the rows of `width` bytes at these places. Raises `DamagedCache` as `verify`."""
        if not self._left:
            return
        starts = rows * width
        if width <= BLOCK and self._verified[starts // BLOCK].all() and self._verified[(starts + width - 1) // BLOCK].all():
            return
        reach = (width - 2 + BLOCK) // BLOCK + 1  # blocks that a row may lie in
        blocks = (starts // BLOCK)[:, None] + np.arange(reach)
        blocks = np.unique(blocks[blocks <= ((starts + width - 1) // BLOCK)[:, None]])
        blocks = blocks[~self._verified[blocks]]
        if len(blocks):
            words = self.data.view(np.int64).reshape(-1, WORDS)
            self._accept(blocks, np.einsum("ij,j->i", words[blocks], WEIGHTS))

    def _accept(self, blocks: Indices, checksums: Checksums) -> None:
        if not np.array_equal(self._checksums[blocks], checksums):
            raise DamagedCache("bytes that are not those that were written")
        with self._lock:
            self._left -= int(len(blocks) - self._verified[blocks].sum())
            self._verified[blocks] = True
