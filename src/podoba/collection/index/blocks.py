"""Sums of the blocks of a file, by which a flipped bit is noticed at the speed of the memory."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Sums = NDArray[np.int64]

BLOCK = 4096  # bytes
WORDS = BLOCK // 8
AT_ONCE = 4096  # blocks summed at a time: 16 MiB


def _weights() -> Sums:
    """Fixed odd numbers, by splitmix64 (Steele, Lea, Flood 2014): a change of any one word then always changes the sum."""
    found, state, mask = [], 0x9E3779B97F4A7C15, (1 << 64) - 1
    for _ in range(WORDS):
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        found.append((mixed ^ (mixed >> 31)) | 1)
    return np.array(found, dtype=np.uint64).view(np.int64)


WEIGHTS = _weights()


def padded(size: int) -> int:
    """Bytes of whole blocks that hold `size` bytes."""
    return -(-size // BLOCK) * BLOCK


def block_sums(data: Bytes) -> Sums:
    """The weighted sum, mod 2^64, of the words of each block, int64 (blocks,), of bytes (n,), n a multiple of `BLOCK`."""
    words = data.view(np.int64).reshape(-1, WORDS)
    sums = np.empty(len(words), dtype=np.int64)
    for start in range(0, len(words), AT_ONCE):
        part = words[start : start + AT_ONCE]
        sums[start : start + len(part)] = np.einsum("ij,j->i", part, WEIGHTS)
    return sums


def sum_of_file(path: Path) -> str:
    """A checksum of a whole file, 8 hexadecimal digits, at the speed of the memory once the file is cached there."""
    size = path.stat().st_size
    whole = size // BLOCK * BLOCK
    total = 0
    if whole:
        total = zlib.crc32(block_sums(np.memmap(path, dtype=np.uint8, mode="r", shape=(whole,))).tobytes())
    with path.open("rb") as file:
        file.seek(whole)
        total = zlib.crc32(file.read(), total)
    return f"{zlib.crc32(str(size).encode(), total):08x}"


class Sealed:
    """Bytes in a mapped file whose blocks are looked through once, before they are first read.

    Attributes:
        data: uint8 (n,), n a multiple of `BLOCK`.
    """

    def __init__(self, data: Bytes, sums: Sums) -> None:
        self.data = data
        self._sums = sums
        self._sound = np.zeros(len(sums), dtype=np.bool_)
        self._left = len(sums)

    def touch(self, start: int, stop: int) -> None:
        """Look through the bytes from `start` to `stop`. Raises `ValueError` where they are not what was written."""
        first, last = start // BLOCK, -(-stop // BLOCK)
        if self._left and not self._sound[first:last].all():
            self._accept(np.arange(first, last), block_sums(self.data[first * BLOCK : last * BLOCK]))

    def touch_rows(self, rows: NDArray[np.int64], width: int) -> None:
        """Look through the rows of `width` bytes at these places. Raises `ValueError` as `touch`."""
        if not self._left:
            return
        starts = rows * width
        if width <= BLOCK and self._sound[starts // BLOCK].all() and self._sound[(starts + width - 1) // BLOCK].all():
            return
        reach = (width - 2 + BLOCK) // BLOCK + 1  # blocks that a row may lie in
        blocks = (starts // BLOCK)[:, None] + np.arange(reach)
        blocks = np.unique(blocks[blocks <= ((starts + width - 1) // BLOCK)[:, None]])
        blocks = blocks[~self._sound[blocks]]
        if len(blocks):
            words = self.data.view(np.int64).reshape(-1, WORDS)
            self._accept(blocks, np.einsum("ij,j->i", words[blocks], WEIGHTS))

    def _accept(self, blocks: NDArray[np.intp], sums: Sums) -> None:
        if not np.array_equal(self._sums[blocks], sums):
            raise ValueError("bytes that are not those that were written")
        self._left -= int(len(blocks) - self._sound[blocks].sum())
        self._sound[blocks] = True
