"""Checksums of rows: Python and SQL give the same."""

from __future__ import annotations

import sqlite3

import pytest

from podoba.collection.storage.checksums import add_seals, seal_of, seal_of_row


@pytest.mark.parametrize(
    "values",
    [
        ("abc", "/a/b.jpg", 1, None, -5, ""),
        ("it's", "''", "'", None, 3),
        (b"/photos/\xff.jpg", b"", "x", 2**62),
        ("ends\0here", "Київ 🙂", "\x1f", 0),
        (b"it's", "'", None),
    ],
)
def test_a_row_has_one_checksum_in_python_and_in_sql(values: tuple[str | bytes | int | None, ...]) -> None:
    connection = sqlite3.connect(":memory:")
    add_seals(connection)
    bound = [f"?{place}" for place in range(1, len(values) + 1)]
    assert connection.execute(f"SELECT {seal_of(bound)}", values).fetchone()[0] == seal_of_row(values)
    assert seal_of_row(values) != seal_of_row((*values[:-1], "another"))
