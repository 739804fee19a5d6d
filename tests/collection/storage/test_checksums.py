"""Checksums of rows and facts: what is changed behind their back is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.checksums import (
    checksum_of,
    checksum_of_row,
    descriptor_rows,
    facts_problem,
    of_descriptor,
    to_blob,
)  # fmt: skip
from podoba.collection.storage.database import Database
from podoba.errors import CollectionError


def test_a_descriptor_is_tied_to_its_item() -> None:
    ((number, blob, checksum),) = descriptor_rows([7], [np.array([1.5, -2], dtype=np.float32)])
    assert (number, checksum) == (7, of_descriptor(blob, 7))
    assert np.frombuffer(blob, "<f4").tolist() == [1.5, -2]
    assert to_blob(np.array([1.5, -2], dtype=">f4")) == blob
    assert of_descriptor(blob, 8) != checksum
    flipped = bytes([blob[0] ^ 1, *blob[1:]])
    assert of_descriptor(flipped, 7) != checksum


def test_values_of_a_row_are_told_from_each_other(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.podoba", create=True)
    rows = [("a", "b"), ("ab", ""), ("", "ab"), (None, "ab"), ("1", 2), (1, "2"), (b"a", "b")]
    checksums = {database.rows(f"SELECT {checksum_of(['?1', '?2'])}", row)[0][0] for row in rows}
    assert len(checksums) == len(rows)


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
def test_a_row_has_one_checksum_in_python_and_in_sql(tmp_path: Path, values: tuple[str | bytes | int | None, ...]) -> None:
    database = Database(tmp_path / "x.podoba", create=True)
    bound = [f"?{place}" for place in range(1, len(values) + 1)]
    assert database.number(f"SELECT {checksum_of(bound)}", values) == checksum_of_row(values)
    assert checksum_of_row(values) != checksum_of_row((*values[:-1], "another"))


@pytest.mark.parametrize("statement", ["UPDATE facts SET value = 'x' WHERE key = 'model'", "CREATE TABLE more (x)"])
def test_a_fact_or_a_table_that_was_changed_is_noticed_when_the_file_is_opened(filled: Collection, statement: str) -> None:
    connection = filled.store.database.connection
    assert facts_problem(connection) is None
    connection.execute(statement)
    assert facts_problem(connection) is not None
    filled.close()
    with pytest.raises(CollectionError, match="a fact about the collection is not what was written"):
        Collection.open(filled.path)
