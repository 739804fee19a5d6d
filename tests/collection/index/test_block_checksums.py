"""Checksums of blocks: every flipped bit is noticed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.collection.index.block_checksums import (
    BLOCK,
    WEIGHTS,
    DamagedCache,
    VerifiedBytes,
    block_checksums,
    file_checksum,
    padded,
)

DATA = np.random.default_rng(0).integers(0, 256, 5 * BLOCK, dtype=np.uint8)


def slow_sums(data: np.ndarray) -> list[int]:
    """The formula in whole numbers: the sum of weight times word, modulo 2^64."""
    found = []
    for start in range(0, len(data), BLOCK):
        words = [int.from_bytes(data[at : at + 8].tobytes(), "little") for at in range(start, start + BLOCK, 8)]
        found.append(sum(int(w) * word for w, word in zip(WEIGHTS.view(np.uint64), words, strict=True)) % (1 << 64))
    return found


def test_sums_follow_the_formula() -> None:
    assert block_checksums(DATA).view(np.uint64).tolist() == slow_sums(DATA)
    assert (WEIGHTS % 2 != 0).all()
    assert len(set(WEIGHTS.tolist())) == len(WEIGHTS)


@settings(max_examples=60, deadline=None)
@given(bit=st.integers(0, 8 * len(DATA) - 1))
def test_any_flipped_bit_changes_the_sum_of_its_block_only(bit: int) -> None:
    flipped = DATA.copy()
    flipped[bit // 8] ^= 1 << (bit % 8)
    assert np.flatnonzero(block_checksums(flipped) != block_checksums(DATA)).tolist() == [bit // 8 // BLOCK]


@pytest.mark.parametrize("width", [64, 1000, 4096, 6000])
def test_bytes_are_verified_before_they_are_read(width: int) -> None:
    damaged = DATA.copy()
    damaged[2 * BLOCK + 7] ^= 8
    checked = VerifiedBytes(damaged, block_checksums(DATA))
    rows = np.arange(len(DATA) // width)
    touching = [row for row in rows if row * width < 3 * BLOCK and (row + 1) * width > 2 * BLOCK]
    for row in rows.tolist():
        one = np.array([row])
        if row in touching:
            with pytest.raises(DamagedCache, match="not those that were written"):
                checked.verify_rows(one, width)
        else:
            checked.verify_rows(one, width)
            checked.verify(row * width, (row + 1) * width)
    with pytest.raises(DamagedCache, match="not those"):
        checked.verify(0, len(DATA))
    whole = VerifiedBytes(DATA, block_checksums(DATA))
    whole.verify(0, len(DATA))
    whole.verify_rows(rows, width)


def test_a_file_of_another_size_or_with_other_bytes_has_another_sum(tmp_path: Path) -> None:
    path = tmp_path / "x"
    seen = set()
    for data in (b"", b"\0", b"\0" * 8, b"\0" * BLOCK, b"\0" * (BLOCK + 1), DATA.tobytes(), DATA.tobytes() + b"\0"):
        path.write_bytes(data)
        seen.add(file_checksum(path))
        assert file_checksum(path) in seen
    assert len(seen) == 7
    assert [padded(size) for size in (0, 1, BLOCK, BLOCK + 1)] == [0, BLOCK, BLOCK, 2 * BLOCK]
