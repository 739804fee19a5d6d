"""Export to the three forms, read back by the libraries people use."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from podoba.collection.collection import Collection
from podoba.errors import CollectionError

COLUMNS = ["id", "uri", "label", "descriptor", "attributes", "width", "height", "format", "size", "content", "stamp"]


@pytest.fixture
def odd(filled: Collection) -> Collection:
    """With a name that is no UTF-8 and one that breaks lines."""
    items = filled.items()
    filled.store.items.change(
        [(items[0].id, replace(items[0], uri="/a\udcff.jpg")), (items[1].id, replace(items[1], uri='/a\n",b.jpg'))]
    )
    return filled


@pytest.mark.parametrize("where", [None, "label == 'cat'", "label == 'bird'"])
def test_parquet_has_the_promised_columns(odd: Collection, tmp_path: Path, where: str | None) -> None:
    items, matrix = odd.items(where), odd.vectors(where).matrix
    assert odd.export(tmp_path / "out.parquet", where) == len(items)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == COLUMNS
    assert str(table.schema.field("descriptor").type) == "list<element: float>"
    rows = table.to_pylist()
    assert [(row["id"], row["label"]) for row in rows] == [(item.id, item.label) for item in items]
    assert [json.loads(row["attributes"]) for row in rows] == [dict(item.attributes) for item in items]
    np.testing.assert_array_equal(np.array([row["descriptor"] for row in rows], np.float32).reshape(matrix.shape), matrix)


def test_csv_gives_back_every_digit(odd: Collection, tmp_path: Path) -> None:
    odd.export(tmp_path / "out.CSV")
    with (tmp_path / "out.CSV").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS
    assert [row["uri"] for row in rows[:3]] == ["/a\\udcff.jpg", '/a\n",b.jpg', odd.items()[2].uri]
    assert [row["label"] or None for row in rows] == [item.label for item in odd.items()]
    numbers = np.array([json.loads(row["descriptor"]) for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(numbers, odd.vectors().matrix)


def test_npz_opens_without_pickle(odd: Collection, tmp_path: Path) -> None:
    odd.export(tmp_path / "out.npz", "label == 'cat'")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == sorted([*COLUMNS, "podoba"])
        np.testing.assert_array_equal(arrays["descriptor"], odd.vectors("label == 'cat'").matrix)
        assert set(arrays["label"]) == {"cat"}
        assert arrays["uri"][0] == "/a\\udcff.jpg"


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(filled: Collection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"end the name in \.parquet, \.csv, \.npz"):
        filled.export(tmp_path / "out.xlsx")
    with pytest.raises(CollectionError, match="cannot be written"):
        filled.export(tmp_path / "none" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CollectionError, match="choose another place"):
        filled.export(tmp_path / "folder.csv")
    assert not list(tmp_path.glob(".*"))


def test_an_export_that_fails_leaves_the_former_one(filled: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out.npz"
    out.write_text("the former one")
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(CollectionError, match="No space left"):
        filled.export(out)
    assert out.read_text() == "the former one"
    assert not list(tmp_path.glob(".*"))
