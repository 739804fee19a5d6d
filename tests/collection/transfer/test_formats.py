"""Files of descriptors: three forms that give the same batches, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podoba.collection.transfer import formats
from podoba.collection.transfer.formats import open_descriptors
from podoba.errors import CollectionError

VECTORS = np.random.default_rng(0).standard_normal((formats.ROWS + 5, 2)).astype(np.float32)
URIS = [f"/{i}.jpg" for i in range(len(VECTORS))]


def write(path: Path, descriptor: str = "embedding", uri: str = "path") -> Path:
    """Descriptors and uris under these names of columns."""
    if path.suffix == ".npz":
        arrays: dict[str, Any] = {descriptor: VECTORS, uri: np.array(URIS)}
        np.savez(path, **arrays)
    elif path.suffix == ".parquet":
        pq.write_table(pa.table({descriptor: VECTORS.tolist(), uri: URIS}), path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([descriptor, uri])
            writer.writerows([json.dumps(row), name] for row, name in zip(VECTORS.tolist(), URIS, strict=True))
    return path


@pytest.mark.parametrize("ending", [".npz", ".parquet", ".csv"])
def test_each_form_gives_its_rows_in_batches(tmp_path: Path, ending: str) -> None:
    file = open_descriptors(write(tmp_path / f"a{ending}"))
    batches = list(file.batches)
    assert [len(batch.descriptors) for batch in batches] == [formats.ROWS, 5]
    np.testing.assert_array_equal(np.concatenate([batch.descriptors for batch in batches]), VECTORS)
    assert [name for batch in batches for name in batch.column(formats.URI) or []] == URIS
    assert batches[0].column(["none"]) is None
    assert file.model is None


@pytest.mark.parametrize("ending", [".npz", ".parquet", ".csv"])
def test_columns_that_are_missing_are_named(tmp_path: Path, ending: str) -> None:
    with pytest.raises(CollectionError, match=r"no column descriptor, embedding, vector \(it has numbers, path\)"):
        open_descriptors(write(tmp_path / f"a{ending}", "numbers"))
    with pytest.raises(CollectionError, match=r"no column uri \(or path, image, file, filename\)"):
        open_descriptors(write(tmp_path / f"a{ending}", "vector", "name"))


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(CollectionError, match=r"unknown form of descriptors: \.parquet, \.npz or \.csv"):
        open_descriptors(tmp_path / "a.txt")
    for name in ("a.csv", "none"):
        with pytest.raises(CollectionError, match="no such file"):
            open_descriptors(tmp_path / name)
    for ending in (".npz", ".parquet"):
        (tmp_path / f"a{ending}").write_bytes(b"x")
        with pytest.raises(CollectionError, match="cannot be read"):
            open_descriptors(tmp_path / f"a{ending}")
