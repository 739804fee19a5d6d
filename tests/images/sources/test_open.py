from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from podoba.errors import SourceError, UnreadableImage
from podoba.images.sources.open import open_source


def png(colour: int = 0, side: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (colour, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("cat", "dog"):
        for i in range(3):
            path = tmp_path / "pets" / label / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(i))
    return tmp_path / "pets"


def in_form(folder: Path, form: str) -> Path:
    """The images of `folder` in another form of source."""
    files = sorted(folder.rglob("*.png"))
    names = [str(f.relative_to(folder)) for f in files]
    out = folder.parent / f"pets.{form}"
    if form == "csv":
        out.write_text("path,label,price\n" + "".join(f"pets/{n},{n.split('/')[0]},1.5\n" for n in names))
    elif form == "parquet":
        images = [{"bytes": f.read_bytes(), "path": n} for f, n in zip(files, names, strict=True)]
        table = pa.table({"image": images, "label": [n.split("/")[0] for n in names], "price": [1.5] * len(names)})
        pq.write_table(table, out, row_group_size=2)
    elif form == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            for f, n in zip(files, names, strict=True):
                archive.write(f, n)
    elif form.startswith("tar"):
        with tarfile.open(out, "w:gz" if form.endswith("gz") else "w") as archive:
            for f, n in zip(files, names, strict=True):
                archive.add(f, f"pets/{n}")
    return folder if form == "folder" else out


@pytest.mark.parametrize("form", ["folder", "csv", "parquet", "zip", "tar", "tar.gz"])
def test_every_form_gives_the_same_images(folder: Path, form: str) -> None:
    source = open_source(in_form(folder, form))
    assert source.labels == ["cat"] * 3 + ["dog"] * 3
    assert source.classes == ["cat", "dog"]
    assert [record.open() for record in source] == [png(i) for i in (0, 1, 2, 0, 1, 2)]
    again = open_source(in_form(folder, form) if form == "folder" else folder.parent / f"pets.{form}")
    assert [r.id for r in source] == [r.id for r in again]
    assert len({r.id for r in source}) == 6
    assert source.fingerprint() == again.fingerprint() != source.subset([0, 1]).fingerprint()
    assert all(record.stamp for record in source)
    if form in ("csv", "parquet"):
        assert source.records[0].attributes == {"price": 1.5}


@pytest.mark.parametrize("form", ["folder", "csv", "parquet", "zip"])
def test_fingerprint_changes_with_the_data(folder: Path, form: str) -> None:
    before = open_source(in_form(folder, form)).fingerprint()
    (folder / "dog" / "9.png").write_bytes(png(9))
    assert open_source(in_form(folder, form)).fingerprint() != before


def test_lists_and_patterns_are_joined(folder: Path) -> None:
    assert len(open_source([folder / "cat", folder / "dog"])) == 6
    assert len(open_source(str(folder / "*"))) == 6
    assert open_source(str(folder / "c*")).labels == [None] * 3


def test_splits_by_column(folder: Path) -> None:
    manifest = folder.parent / "m.csv"
    manifest.write_text("path,label,split\npets/cat/0.png,cat,train\npets/dog/0.png,dog,test\n")
    assert open_source(manifest, "test").labels == ["dog"]
    with pytest.raises(SourceError, match="test, train"):
        open_source(manifest, "validation")


def test_numbers_and_codes_of_a_manifest(folder: Path) -> None:
    out = folder.parent / "codes.csv"
    rows = ["1,00420,4006381333931,1e3,1_000", "-2.5,10000,99999999999999999999,.5,٣", " 3 ,7,1,nan,1e999", ",,,,yes"]
    out.write_text("path,price,sku,long,power,odd\n" + "".join(f"pets/cat/{i}.png,{row}\n" for i, row in enumerate(rows)))
    columns = {
        name: [record.attributes[name] for record in open_source(out)] for name in ("price", "sku", "long", "power", "odd")
    }
    assert columns == {
        "price": [1, -2.5, 3, None],
        "sku": ["00420", "10000", "7", None],  # all of a column, so that all can be asked for in one way
        "long": ["4006381333931", "99999999999999999999", "1", None],
        "power": [1000.0, 0.5, None, None],
        "odd": ["1_000", "٣", "1e999", "yes"],
    }


def test_every_column_of_a_table_with_one_value_a_row_is_an_attribute(tmp_path: Path) -> None:
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


def test_a_file_has_one_name_wherever_it_is_named_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_form(folder, "csv").rename(folder / "cat" / "pets.csv")
    listed = (folder / "cat" / "pets.csv").read_text().replace("pets/", "../../pets/")
    (folder / "cat" / "pets.csv").write_text(listed)
    monkeypatch.chdir(folder / "dog")
    for spec in ("..", "../../pets", f"{folder}/dog/..", "../cat/pets.csv", "../../pe*"):
        assert [record.id for record in open_source(spec)] == [record.id for record in open_source(folder)]
    assert open_source("..").root == str(folder)


def test_hugging_face_class_numbers_become_names(tmp_path: Path) -> None:
    meta = {b"huggingface": b'{"info": {"features": {"label": {"names": ["ant", "bee"]}}}}'}
    table = pa.table({"image": [{"bytes": png(), "path": None}] * 2, "label": [1, 0]}).replace_schema_metadata(meta)
    pq.write_table(table, tmp_path / "t.parquet")
    assert open_source(tmp_path / "t.parquet").labels == ["bee", "ant"]


def test_digits_need_no_network() -> None:
    whole, test = open_source("digits"), open_source("digits:test")
    assert (len(whole), len(test), len(whole.classes)) == (1797, 359, 10)
    assert {r.id for r in test} < {r.id for r in whole}


def test_odd_entries_are_listed_not_fatal(folder: Path) -> None:
    (folder / "cat" / "dir.png").mkdir()
    (folder / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "cat" / "loop").symlink_to(folder)
    (folder / "cat" / "self.png").symlink_to("self.png")
    (folder / "кіт").mkdir()
    for name in ("кошеня.png", "🐈.png", "new\nline.png", "x" * 251 + ".png"):
        (folder / "кіт" / name).write_bytes(png())
    source = open_source(folder)
    assert len(source) == 10
    assert {Path(p.uri).name for p in source.problems} == {"dir.png", "gone.png", "loop", "self.png"}
    assert all(p.reason for p in source.problems)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("t.csv", b"a,b\n1,2\n", "column named path"),
        ("t.csv", b"\xff\xfe\x00", "UTF-8"),
        ("t.parquet", b"junk", "Parquet"),
        ("t.zip", b"junk", "zip"),
        ("t.tar", b"junk" * 200, "tar"),
        ("t.txt", b"junk", "not a kind of source"),
    ],
)
def test_files_that_are_no_source(tmp_path: Path, name: str, content: bytes, part: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=part):
        open_source(tmp_path / name)


def test_unknown_names_get_a_hint(folder: Path) -> None:
    with pytest.raises(SourceError, match="did you mean digits"):
        open_source("digit")
    with pytest.raises(SourceError, match="pets"):
        open_source(folder.parent / "petz")
    with pytest.raises(SourceError, match="no file matches"):
        open_source(str(folder / "*.tiff"))


def test_a_row_without_image_is_unreadable(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": pa.array([None], pa.struct([("bytes", pa.binary())]))}), tmp_path / "t.parquet")
    with pytest.raises(UnreadableImage, match="no image"):
        open_source(tmp_path / "t.parquet").records[0].open()
