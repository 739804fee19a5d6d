"""Descriptors that come back from an export, and those that other programs computed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podoba.collection.collection import Collection, index_sources, search
from podoba.collection.transfer.importer import ImportReport
from podoba.errors import CollectionError, ModelError
from podoba.images.sources.base import record_id
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    for i in range(6):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i)
    picture(tmp_path / "photos" / "x.png", 9).rename(tmp_path / "photos" / "odd\udcff.png")
    return tmp_path / "photos"


@pytest.fixture
def original(tmp_path: Path, photos: Path, encoder: Encoder) -> Collection:
    collection = Collection.open(tmp_path / "original.podoba", create=True)
    index_sources(collection, [open_source(photos)], encoder, model="tiny")
    return collection


@pytest.mark.parametrize("ending", ["parquet", "npz", "csv"])
def test_what_was_exported_comes_back(original: Collection, photos: Path, encoder: Encoder, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    original.export(out)
    with Collection.open(tmp_path / "again.podoba", create=True) as again:
        if ending == "csv":  # which has no place for the model
            with pytest.raises(CollectionError, match="name it with --model"):
                again.import_items(out)
            again.claim(encoder, "tiny")
        assert again.import_items(out, "tiny") == ImportReport(7, 7, 0)
        assert again.items() == [replace(item, source=str(out)) for item in original.items()]
        np.testing.assert_array_equal(again.vectors().matrix, original.vectors().matrix)
        assert [again.store.database.fact(key) for key in ("model", "fingerprint")] == ["tiny", encoder.fingerprint]
        assert again.import_items(out, "tiny") == ImportReport(7, 0, 7)
        report = index_sources(again, [open_source(photos)], encoder)  # the images are known again
        assert (report.unchanged, report.added) == (7, 0)
        found = search(again, photos / "cats" / "1.png", encoder=encoder, k=1, with_itself=True).hits[0]
        assert found.uri == str(photos / "cats" / "1.png")


def foreign(path: Path, matrix: np.ndarray, names: list[str], **columns: list[object]) -> Path:
    """A file as another program would write it."""
    if path.suffix == ".parquet":
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
        pq.write_table(pa.table({"path": names, "embedding": vectors, **columns}), path)
    elif path.suffix == ".npz":
        np.savez(
            path,
            allow_pickle=True,
            embedding=matrix,
            path=np.array(names),
            **{key: np.array(column) for key, column in columns.items()},
        )
    else:
        with path.open("w", newline="") as file:
            rows = zip(names, [json.dumps(row.tolist()) for row in matrix], *columns.values(), strict=True)
            csv.writer(file).writerows([("path", "embedding", *columns), *rows])
    return path


@pytest.mark.parametrize("ending", ["parquet", "npz", "csv"])
def test_descriptors_of_another_program_make_a_collection(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(0)
    matrix = 3 * rng.standard_normal((5, 8))
    names = [f"images/{i}.jpg" for i in range(5)]
    path = foreign(tmp_path / f"clip.{ending}", matrix, names, label=list("aabbb"), author=["Я", "b", "c", "d", "e"])
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        with pytest.raises(CollectionError, match="name it with --model"):
            collection.import_items(path)
        assert len(collection) == 0
        assert collection.import_items(path, "clip-b32") == ImportReport(5, 5, 0)
        uris = [str(tmp_path / name) for name in names]
        assert [item.uri for item in collection.items()] == uris
        assert [item.id for item in collection.items()] == [record_id(uri) for uri in uris]
        assert [item.label for item in collection.items("author == 'Я'")] == ["a"]
        np.testing.assert_allclose(collection.vectors().matrix, matrix / np.linalg.norm(matrix, axis=1, keepdims=True), rtol=1e-6)
        assert search(collection, f"id:{record_id(uris[0])}", k=4).hits
        with pytest.raises(ModelError, match="clip-b32"):
            search(collection, Path(__file__))
        with pytest.raises(CollectionError, match="'clip-b32', not of 'dino'"):
            collection.import_items(path, "dino")
        assert collection.import_items(path, "clip-b32").replaced == 5


@pytest.mark.parametrize("ending", ["parquet", "npz", "csv"])
def test_further_columns_are_attributes_of_their_kind(tmp_path: Path, ending: str) -> None:
    columns: dict[str, list[object]] = {"price": [0, 1.5, 20], "sku": ["00042", "10000", "7"], "sold": [0, 1, 0]}
    path = foreign(tmp_path / f"clip.{ending}", np.eye(3, 4), ["0.jpg", "1.jpg", "2.jpg"], **columns)
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        collection.import_items(path, "clip-b32")

        def names(where: str) -> list[str]:
            return [Path(item.uri).stem for item in collection.items(where)]

        assert names("price < 3 and price != null") == ["0", "1"]
        assert names("sku in ['00042', '7']") == ["0", "2"]
        assert names("sold == 0") == ["0", "2"]


def test_another_model_is_refused(original: Collection, tmp_path: Path, other_encoder: Encoder) -> None:
    original.export(tmp_path / "out.npz")
    with Collection.open(tmp_path / "other.podoba", create=True) as other:
        other.claim(other_encoder, "other")
        other.put([original.items()[0]], original.vectors().matrix[:1])
        with pytest.raises(CollectionError, match="cannot be compared"):
            other.import_items(tmp_path / "out.npz")
        with pytest.raises(CollectionError, match="are of 'tiny', not of 'other'"):
            other.import_items(tmp_path / "out.npz", "other")
        assert len(other) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ["a.jpg", ""]}, "row 2 does not say which image"),
        ({"attributes": ["{}", "[1]"]}, "attributes of row 2"),
    ],
)
@pytest.mark.parametrize("ending", ["parquet", "npz", "csv"])
def test_what_cannot_be_an_item_is_named(tmp_path: Path, ending: str, change: dict[str, object], message: str) -> None:
    values: dict[str, object] = {"matrix": np.eye(2, 4), "names": ["a.jpg", "b.jpg"], **change}
    path = foreign(tmp_path / f"x.{ending}", **values)  # type: ignore[arg-type]
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        with pytest.raises(CollectionError, match=message):
            collection.import_items(path, "some")
        assert len(collection) == 0


@pytest.mark.parametrize("ending", ["parquet", "npz", "csv"])
def test_rows_without_direction_are_left_out_and_named(tmp_path: Path, ending: str) -> None:
    matrix = np.random.default_rng(0).standard_normal((7, 4))
    matrix[1], matrix[3, 2], matrix[4, 0], matrix[6] = 0, np.nan, -np.inf, [np.inf, np.nan, 0, 0]
    path = foreign(tmp_path / f"x.{ending}", matrix, [f"{i}.jpg" for i in range(7)])
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        report = collection.import_items(path, "some")
        assert (report.rows, report.added, report.replaced) == (7, 3, 0)
        assert [row.uri for row in report.skipped] == [str(tmp_path / f"{i}.jpg") for i in (1, 3, 4, 6)]
        assert [row.reason for row in report.skipped] == [
            f"its descriptor, of row {row}, is missing, zero or not finite" for row in (2, 4, 5, 7)
        ]
        kept = matrix[[0, 2, 5]]
        np.testing.assert_allclose(collection.vectors().matrix, kept / np.linalg.norm(kept, axis=1, keepdims=True), rtol=1e-6)
        assert report.to_json()["skipped"][0] == {"uri": str(tmp_path / "1.jpg"), "reason": report.skipped[0].reason}
        assert collection.import_items(path, "some").replaced == 3


@pytest.mark.parametrize("kind", ["list", "fixed", "csv"])
def test_rows_without_a_descriptor_are_left_out_and_named(tmp_path: Path, kind: str) -> None:
    rows: list[list[float] | None] = [[1.0, 2.0], None, [2.0, -1.0], None]
    names = [f"{i}.jpg" for i in range(4)]
    path = tmp_path / ("x.csv" if kind == "csv" else "x.parquet")
    if kind == "csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(
                [("path", "embedding"), *zip(names, [json.dumps(r) if r else "" for r in rows], strict=True)]
            )
    else:
        form = pa.list_(pa.float32()) if kind == "list" else pa.list_(pa.float32(), 2)
        pq.write_table(pa.table({"path": names, "embedding": pa.array(rows, form)}), path)
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        report = collection.import_items(path, "some")
        assert (report.added, [Path(row.uri).name for row in report.skipped]) == (2, ["1.jpg", "3.jpg"])
        expected = np.array([rows[0], rows[2]]) / np.sqrt(5)
        np.testing.assert_allclose(collection.vectors().matrix, expected, rtol=1e-6)


def test_files_that_are_not_understood_are_named(tmp_path: Path) -> None:
    def refused(path: Path, message: str) -> None:
        with Collection.open(tmp_path / "x.podoba", create=True) as collection, pytest.raises(CollectionError, match=message):
            collection.import_items(path, "some")

    (tmp_path / "x.docx").touch()
    refused(tmp_path / "x.docx", "unknown form")
    refused(tmp_path / "none.csv", "no such file")
    for name in ("rubbish.parquet", "rubbish.npz"):
        (tmp_path / name).write_bytes(b"rubbish")
        refused(tmp_path / name, "cannot be read")
    (tmp_path / "a.csv").write_text("path,label\na.jpg,cat\n")
    refused(tmp_path / "a.csv", "no column descriptor, embedding, vector")
    (tmp_path / "b.csv").write_text("descriptor,label\n[1],cat\n")
    refused(tmp_path / "b.csv", "no column uri")
    (tmp_path / "c.csv").write_text("path,descriptor\na.jpg,hello\n")
    refused(tmp_path / "c.csv", "no JSON list")
    pq.write_table(pa.table({"path": ["a", "b"], "vector": [[1.0], [1.0, 2.0]]}), tmp_path / "d.parquet")
    refused(tmp_path / "d.parquet", "different lengths")
