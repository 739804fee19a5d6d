"""Manifests: what their columns say of an image, however they are written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import SourceError, UnreadableImage
from podoba.images.sources.manifest import columns_of_codes, open_csv, read_attribute
from podoba.images.sources.open import open_source


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


def test_a_manifest_names_files_beside_itself(tmp_path: Path, png: Callable[..., bytes]) -> None:
    (tmp_path / "a.png").write_bytes(png(3))
    (tmp_path / "m.csv").write_text("path,label\na.png,cat\nmissing.png,\n", encoding="utf-8-sig")
    known, missing = open_csv(tmp_path / "m.csv").records
    assert (known.uri, known.label, known.open()) == (str(tmp_path / "a.png"), "cat", png(3))
    assert (missing.label, missing.stamp) == (None, None)
    with pytest.raises(UnreadableImage, match="No such file"):
        missing.open()


def test_fields_of_a_manifest() -> None:
    rows: list[dict[str, str | None]] = [
        {"sku": "007", "price": "1.5"},
        {"sku": "12", "price": ""},
        {"sku": None, "price": "nan"},
    ]
    assert columns_of_codes(rows, ["sku", "price"]) == {"sku"}
    assert [read_attribute(text, False) for text in ("3", "-2.5", "", None, "x", "1e999")] == [3, -2.5, None, None, "x", "1e999"]
    assert read_attribute("12", True) == "12"


SPELLINGS = {
    "semicolons": "path;label;price\npets/cat/0.png;cat;1,5\n",
    "tabs": "path\tlabel\tprice\npets/cat/0.png\tcat\t1,5\n",
    "bars": "path|label|price\npets/cat/0.png|cat|1,5\n",
    "capitals": 'Path,Label,price\npets/cat/0.png,cat,"1,5"\n',
    "spaces": ' path , label ,price\n pets/cat/0.png , cat ,"1,5"\n',
    "spaces and quotes": 'path, label, price\npets/cat/0.png, "cat", "1,5"\n',
    "file_name": 'price,file_name,label\n"1,5",pets/cat/0.png,cat\n',
    "image": 'label,image,price\ncat,pets/cat/0.png,"1,5"\n',
    "Filename": "label;price;Filename\ncat;1,5;pets/cat/0.png\n",
    "backslashes": "path;label;price\npets\\cat\\0.png;cat;1,5\n",
    "ends of lines of Windows": "path;label;price\r\npets/cat/0.png;cat;1,5\r\n\r\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_manifests_are_understood_as_they_are_written(folder: Path, spelling: str, encoding: str) -> None:
    (folder.parent / "m.csv").write_text(SPELLINGS[spelling], encoding=encoding, newline="")
    source = open_csv(folder.parent / "m.csv")
    [record] = source.records
    assert (record.uri, record.label, dict(record.attributes)) == (str(folder / "cat" / "0.png"), "cat", {"price": "1,5"})
    assert record.open() == (folder / "cat" / "0.png").read_bytes()
    assert source.problems == []


def test_a_file_whose_own_name_has_a_backslash_is_that_file(tmp_path: Path, png: Callable[..., bytes]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a\\b.png").write_bytes(png(1))
    (tmp_path / "a" / "b.png").write_bytes(png(2))
    (tmp_path / "m.csv").write_text("path\na\\b.png\n")
    assert open_csv(tmp_path / "m.csv").records[0].open() == png(1)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["0.0", "1.0", ""], ["0", "1", None]),
        (["0.0", "1.0", "2.0"], ["0.0", "1.0", "2.0"]),  # nothing is missing: they are names
        (["0.5", "1.0", ""], ["0.5", "1.0", None]),
        (["cat", "", " "], ["cat", None, None]),
        (["Ки\u0457\u0432", "и\u0306ти", "cafe\u0301"], ["Київ", "йти", "café"]),
    ],
)
def test_labels_are_one_name_each(folder: Path, written: list[str], read: list[str | None]) -> None:
    rows = "".join(f"pets/cat/{i}.png,{label}\n" for i, label in enumerate(written))
    (folder.parent / "m.csv").write_text(f"path,label\n{rows}")
    assert open_source(folder.parent / "m.csv").labels == read


def test_splits_have_one_name_each_and_are_named_after_a_colon(folder: Path) -> None:
    rows = "".join(f"pets/cat/{i}.png,{split}\n" for i, split in enumerate(["train", " Val ", "fold 3"]))
    place = folder.parent / "m.csv"
    place.write_text(f"path,Split\n{rows}")
    assert [record.split for record in open_source(place)] == ["train", "validation", "fold 3"]
    for name, count in (("train", 1), ("val", 1), ("validation", 1), ("fold 3", 1)):
        assert len(open_source(f"{place}:{name}")) == count
    with pytest.raises(SourceError, match=r"no images of split 'test' .it has: fold 3, train, validation"):
        open_source(f"{place}:test")


def test_what_is_no_file_is_named_and_no_picture(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    (folder.parent / "m.csv").write_text("path,label\npets/cat/0.png,a\npets/pipe.jpg,a\npets/cat,a\n,a\n,b\n")
    source = open_csv(folder.parent / "m.csv")
    assert len(source) == 1
    assert [(Path(row.uri).name, row.reason) for row in source.problems] == [
        ("pipe.jpg", "a pipe, no file that can be read"),
        ("cat", "a folder, no file that can be read"),
        ("m.csv", "2 rows name no file, the first is row 4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("picture;kind\na.png;cat\n", "a column named path .* or image; this one has: picture, kind"),
        ("a.png\nb.png\n", "this one has: a.png"),
        ("", "this one has: nothing"),
        ("path\nna\xefve.png".encode("latin-1"), "not? ?.*UTF-8"),
        ('path\n"unclosed' + "x" * 200_000, "cannot be read as UTF-8 CSV .field larger"),
    ],
)
def test_what_is_no_manifest_is_said_in_words(tmp_path: Path, text: str | bytes, says: str) -> None:
    (tmp_path / "m.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourceError, match=says):
        open_csv(tmp_path / "m.csv")
