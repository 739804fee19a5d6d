"""Tables: what their columns say of an image."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podoba.errors import SourceError, UnreadableImage
from podoba.images.sources.open import open_source
from podoba.images.sources.table import GROUPS_CACHED, open_parquet


def test_every_column_of_a_table_with_one_value_a_row_is_an_attribute(tmp_path: Path, png: Callable[..., bytes]) -> None:
    moment = datetime(2021, 5, 4, 12, 30, 1, 250_000)
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=3)))
    columns = {
        "when": [moment], "zoned": [zoned], "day": [moment.date()], "price": [Decimal("1.50")], "sold": [True], "count": [0],
        "none": [None], "many": [[1, 2]],
    }  # fmt: skip
    pq.write_table(pa.table({"image": [png(0)], **columns}), tmp_path / "dated.parquet")
    assert dict(open_source(tmp_path / "dated.parquet").records[0].attributes) == {
        "when": "2021-05-04T12:30:01", "zoned": "2021-05-04T09:30:01", "day": "2021-05-04", "price": 1.5, "sold": True,
        "count": 0,
    }  # fmt: skip


def test_hugging_face_class_numbers_become_names(tmp_path: Path, png: Callable[..., bytes]) -> None:
    meta = {b"huggingface": b'{"info": {"features": {"label": {"names": ["ant", "bee"]}}}}'}
    table = pa.table({"image": [{"bytes": png(), "path": None}] * 2, "label": [1, 0]}).replace_schema_metadata(meta)
    pq.write_table(table, tmp_path / "t.parquet")
    assert open_source(tmp_path / "t.parquet").labels == ["bee", "ant"]


META = {b"huggingface": b'{"info": {"features": {"label": {"names": ["ant", "bee"]}}}}'}


@pytest.mark.parametrize(
    ("column", "names", "labels"),
    [
        (pa.array([0.0, 1.0, None]), False, ["0", "1", None]),
        (pa.array([0.0, 1.0, float("nan")]), False, ["0", "1", None]),
        (pa.array([0.0, 1.0, None]), True, ["ant", "bee", None]),
        (pa.array([0.5, 1.0, None]), False, ["0.5", "1.0", None]),
        (pa.array([0, 1, None]), False, ["0", "1", None]),
        (pa.array([0, -1, 1]), True, ["ant", None, "bee"]),
        (pa.array([0, -1, 7]), True, ["ant", None, "7"]),
        (pa.array([0, -1, 1]), False, ["0", "-1", "1"]),
        (pa.array([" cat ", "", None]), False, ["cat", None, None]),
        (pa.array(["и\u0306", "й", "x"]), False, ["й", "й", "x"]),
        (pa.array([b"cat", b"dog", None]), False, ["cat", "dog", None]),
        (pa.array(["cat", "dog", "cat"]).dictionary_encode(), False, ["cat", "dog", "cat"]),
    ],
)
def test_labels_of_a_table(tmp_path: Path, png: Callable[..., bytes], column: Any, names: bool, labels: list[str | None]) -> None:
    table = pa.table({"image": [png(i) for i in range(3)], "label": column, "split": ["train", "Val", "test"]})
    pq.write_table(table.replace_schema_metadata(META if names else None), tmp_path / "t.parquet")
    assert open_source(tmp_path / "t.parquet").labels == labels
    assert [len(open_source(f"{tmp_path}/t.parquet:{split}")) for split in ("train", "validation", "val", "test")] == [1] * 4


def test_a_row_without_image_is_unreadable(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": pa.array([None], pa.struct([("bytes", pa.binary())]))}), tmp_path / "t.parquet")
    with pytest.raises(UnreadableImage, match="no image"):
        open_source(tmp_path / "t.parquet").records[0].open()


def test_a_table_is_read_from_many_threads_and_few_of_its_parts_are_kept(tmp_path: Path, png: Callable[..., bytes]) -> None:
    images = [png(i) for i in range(40)]
    pq.write_table(pa.table({"image": images}), tmp_path / "t.parquet", row_group_size=4)
    records = open_parquet(tmp_path / "t.parquet").records
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda record: record.open(), reversed(records))) == images[::-1]
    groups = records[0].open.func.__self__  # type: ignore[attr-defined]
    assert len(groups.cached) == GROUPS_CACHED


def test_a_column_of_other_things_is_no_column_of_images(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": [1, 2]}), tmp_path / "t.parquet")
    with pytest.raises(SourceError, match="holds int64, not image bytes"):
        open_parquet(tmp_path / "t.parquet")
    pq.write_table(pa.table({"picture": [b"x"]}), tmp_path / "t.parquet")
    with pytest.raises(SourceError, match=r"needs a column named image .it has picture"):
        open_parquet(tmp_path / "t.parquet")
