from __future__ import annotations

import io
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podoba.errors import SourceError
from podoba.images.locate import find_record
from podoba.images.sources.open import divide_split, open_part, open_source, spec_of_split


def png(colour: int = 0, side: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (colour, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


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


@pytest.fixture
def in_splits(folder: Path) -> Path:
    """`pets` with the splits train and test above the classes."""
    for i, path in enumerate(sorted(folder.rglob("*.png"))):
        place = folder / ("test" if i % 3 == 2 else "train") / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)
    for name in ("cat", "dog"):
        (folder / name).rmdir()
    return folder


def in_form_with_splits(folder: Path, form: str) -> Path:
    place = in_form(folder, form)
    files = sorted(folder.rglob("*.png"))
    splits, labels = [f.parts[-3] for f in files], [f.parts[-2] for f in files]
    if form == "csv":
        rows = [f"{f},{label},{split}" for f, label, split in zip(files, labels, splits, strict=True)]
        place.write_text("\n".join(["path,label,split", *rows]))
    elif form == "parquet":
        pq.write_table(pa.table({"image": [f.read_bytes() for f in files], "label": labels, "split": splits}), place)
    return place


@pytest.mark.parametrize("form", ["folder", "csv", "parquet", "zip", "tar", "tar.gz"])
def test_splits_follow_one_rule_in_every_form(in_splits: Path, form: str) -> None:
    place = in_form_with_splits(in_splits, form)
    whole = open_source(place)
    assert (len(whole), whole.classes, whole.split) == (6, ["cat", "dog"], None)
    for name, count in (("train", 4), ("Training", 4), ("test", 2)):
        part = open_source(f"{place}:{name}")
        assert (len(part), part.classes, part.root) == (count, ["cat", "dog"], str(place))
        assert part.split == {record.split for record in part}.pop()
    with pytest.raises(SourceError, match=r"no images of split 'val' \(it has: test, train\)"):
        open_source(f"{place}:val")
    assert [len(open_part(str(place), part)) for part in ("train", "test", "validation")] == [4, 2, 6]
    assert len(open_part(f"{place}:test", "train")) == 2  # what is named goes before what is meant
    assert len(open_part([str(place), f"{place}:test"], "train")) == 4 + 2
    assert open_part(str(place), "test").beside.notes[-1] == f"{place}: only its split test, 2 of 6 images"
    assert spec_of_split(str(place), "test") == f"{place}:test"
    for spec, name in ((place, "validation"), (f"{place}:test", "test"), ([place], "test")):
        assert spec_of_split(spec, name) is None


def test_a_name_with_a_colon_is_that_file_first(folder: Path) -> None:
    (folder / "cat").rename(folder / "cat:test")
    assert len(open_source(f"{folder}/cat:test")) == 3
    assert divide_split(f"{folder}/cat:test") == (f"{folder}/cat:test", None)
    assert divide_split(f"{folder}:test") == (str(folder), "test")
    assert divide_split("s3://shop/a:test") == ("s3://shop/a", "test")
    assert divide_split("s3://shop/a:other") == ("s3://shop/a:other", None)
    assert divide_split("http://host:80") == ("http://host:80", None)
    assert divide_split(f"{folder}/*:test") == (f"{folder}/*", "test")


def test_a_pattern_and_a_list_may_name_a_split(in_splits: Path) -> None:
    assert len(open_source(f"{in_splits.parent}/pe*:test")) == 2
    assert len(open_source([f"{in_splits}:test", f"{in_splits}:train"])) == 6
    assert len(open_source([in_splits], "test")) == 2


def test_a_file_has_one_name_wherever_it_is_named_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_form(folder, "csv").rename(folder / "cat" / "pets.csv")
    listed = (folder / "cat" / "pets.csv").read_text().replace("pets/", "../../pets/")
    (folder / "cat" / "pets.csv").write_text(listed)
    monkeypatch.chdir(folder / "dog")
    for spec in ("..", "../../pets", f"{folder}/dog/..", "../cat/pets.csv", "../../pe*"):
        assert [record.id for record in open_source(spec)] == [record.id for record in open_source(folder)]
    assert open_source("..").root == str(folder)


def test_digits_need_no_network() -> None:
    whole, test = open_source("digits"), open_source("digits:test")
    assert (len(whole), len(test), len(whole.classes)) == (1797, 359, 10)
    assert {r.id for r in test} < {r.id for r in whole}


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


PLUGIN = """
from podoba.images.record import ImageRecord
from podoba.images.sources.base import ImageSource, record_id

def open_lines(address):
    # each line of a file is a picture, in hexadecimal digits
    lines = LINES if "://" in address else open(address).read().split()
    uris = [f"{address}!/{row}" for row in range(len(lines))]
    records = [
        ImageRecord(record_id(uri), uri, None, lambda line=line: bytes.fromhex(line), "1", "test" if row else "train")
        for row, (uri, line) in enumerate(zip(uris, lines))
    ]
    return ImageSource(address, records, f"{address} {lines}")

def broken(address):
    raise KeyError("no such shelf")

def wrong(address):
    return []
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that adds three kinds of sources, as an installer leaves it."""
    site = tmp_path / "site"
    (site / "lines-1.0.dist-info").mkdir(parents=True)
    (site / "lines-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: lines\nVersion: 1.0\n")
    points = "hexlines = lines_plugin:open_lines\nshelf = lines_plugin:broken\nlist = lines_plugin:wrong\n"
    (site / "lines-1.0.dist-info" / "entry_points.txt").write_text(f"[podoba.sources]\n{points}")
    (site / "lines_plugin.py").write_text(f"LINES = [{png(1).hex()!r}, {png(2).hex()!r}]\n{PLUGIN}")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "lines_plugin", raising=False)


@pytest.mark.usefixtures("plugin")
def test_a_plugin_opens_a_file_ending_or_an_address_of_its_own(tmp_path: Path, folder: Path) -> None:
    open_source(folder)
    assert "lines_plugin" not in sys.modules  # what is built in imports no plugin
    path = tmp_path / "pictures.HexLines"
    path.write_text(f"{png(1).hex()}\n{png(2).hex()}\n")
    for address in (str(path), "hexlines://shelf/7"):
        source = open_source(address)
        assert [record.open() for record in source] == [png(1), png(2)]
        assert [record.open() for record in open_source(address, "test")] == [png(2)]
        assert [find_record(record.uri).open() for record in source] == [png(1), png(2)]
    assert len(open_source([folder, path])) == 8


@pytest.mark.usefixtures("plugin")
def test_what_a_plugin_does_wrong_is_one_line() -> None:
    with pytest.raises(SourceError, match=r"^shelf://1: the plugin 'shelf' of podoba.sources cannot open it .KeyError: 'no such"):
        open_source("shelf://1")
    with pytest.raises(SourceError, match=r"^list://1: the plugin 'list' of podoba.sources gives list, not an ImageSource"):
        open_source("list://1")
    with pytest.raises(SourceError, match="no such file, folder or named set"):
        open_source("other://1")


PICTURES = ("train", "Test", "val", "cat", "dog", "all", "a.png", "IMG_1", "@eaDir", "lost+found")  # by name or first bytes
NAMES = st.sampled_from([*PICTURES, "b.svg", ".hidden", "x.txt"])
TREES = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=8)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_a_tree_is_understood_alike_as_a_folder_a_zip_and_a_tar(names: set[str]) -> None:
    names = {name for name in names if not any(other.startswith(f"{name}/") for other in names)}
    # An archive does not tell an empty folder, in whose place there may be a disk: none is empty here.
    names |= {f"{'/'.join(name.split('/')[:depth])}/y.txt" for name in names for depth in range(1, len(name.split("/")))}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "set"
        root.mkdir()
        with zipfile.ZipFile(f"{root}.zip", "w") as packed, tarfile.open(f"{root}.tar", "w") as rolled:
            for name in sorted(names):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(png())
                packed.write(root / name, name)
                rolled.add(root / name, name)
        folder, *archives = [open_source(form) for form in (root, f"{root}.zip", f"{root}.tar")]
    expected = {record.uri.removeprefix(f"{root}/"): (record.label, record.split) for record in folder}
    for archive in archives:
        assert {record.uri.partition("!/")[2]: (record.label, record.split) for record in archive} == expected
        assert archive.beside.passed_over == folder.beside.passed_over
        for name in names:
            assert archive.beside.excludes(f"{archive.root}!/{name}") == folder.beside.excludes(f"{root}/{name}")
    for name in names:  # a picture is listed, or said to be left out
        is_picture = name.rpartition("/")[2] in PICTURES
        assert (name in expected) == (is_picture and not folder.beside.excludes(f"{root}/{name}"))
