"""Archives: the class is the first folder that tells images apart; what is damaged inside is named."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import UnreadableImage
from podoba.images.locate import find_record
from podoba.images.sources.archive import open_tar, open_zip
from podoba.images.sources.base import MAX_BYTES, ImageSource
from podoba.images.sources.open import open_source

NAMES = {
    "flat": (["a.png", "b.jpg"], [None, None]),
    "classes": (["cat/a.png", "dog/b.png"], ["cat", "dog"]),
    "one folder around": (["all/cat/a.png", "all/dog/b.png"], ["cat", "dog"]),
    "one class": (["cat/a.png", "cat/b.png"], ["cat", "cat"]),
    "dots and leftovers": (["./cat/a.png", "__MACOSX/cat/a.png", "cat/.b.png", "readme.txt", "./dog/b.png"], ["cat", "dog"]),
}


def packed(path: Path, names: list[str], data: bytes) -> ImageSource:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, data)
        return open_zip(path)
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as file:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return open_tar(path)


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tgz"])
@pytest.mark.parametrize("kind", NAMES)
def test_classes_and_contents(kind: str, ending: str, tmp_path: Path, png: Callable[..., bytes]) -> None:
    names, labels = NAMES[kind]
    source = packed(tmp_path / f"t{ending}", names, png())
    assert source.labels == labels
    assert all(record.open() == png() for record in reversed(source.records))
    assert all(record.uri.startswith(f"{tmp_path / 't'}{ending}!/") for record in source)


class Unflagged(zipfile.ZipInfo):
    """A member whose name is written in an encoding that is not stated, as many programs do."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self._encoding = encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (of the standard library)
        return self.filename.encode(self._encoding), self.flag_bits & ~0x800


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "utf-8", "cp932"])
def test_names_without_a_stated_encoding_are_read(tmp_path: Path, encoding: str, png: Callable[..., bytes]) -> None:
    names = ["ネコ/犬.png", "写真/猫.png"] if encoding == "cp932" else ["коти/мурчик.png", "Собаки/Рекс.png"]
    place = tmp_path / "t.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for i, name in enumerate(names):
            archive.writestr(Unflagged(name, encoding), png(i))
    source = open_zip(place)
    assert {record.uri: record.open() for record in source} == {f"{place}!/{name}": png(i) for i, name in enumerate(names)}
    assert source.classes == sorted(name.split("/")[0] for name in names)


def test_names_that_lead_elsewhere_stay_below_the_archive(tmp_path: Path, png: Callable[..., bytes]) -> None:
    written = {"..\\..\\cat\\a.png": 1, "../../etc/dog/b.png": 2, "/cat/c.png": 3, "C:\\dog\\d.png": 4, "cat/./e.png": 5}
    place = tmp_path / "t.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for name, value in written.items():
            archive.writestr(name, png(value))
    source = open_zip(place)
    names = {"cat/a.png": 1, "etc/dog/b.png": 2, "cat/c.png": 3, "dog/d.png": 4, "cat/e.png": 5}
    assert {record.uri.partition("!/")[2]: record.open() for record in source} == {k: png(v) for k, v in names.items()}
    assert set(source.classes) == {"cat", "dog", "etc"}
    for record in source:
        assert find_record(record.uri).open() == record.open()


@pytest.mark.parametrize("ending", [".tar", ".tgz"])
def test_links_in_an_archive_have_the_bytes_of_what_they_lead_to(tmp_path: Path, ending: str, png: Callable[..., bytes]) -> None:
    def link(name: str, kind: bytes, to: str) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, to
        return member

    place = tmp_path / f"t{ending}"
    with tarfile.open(place, "w:gz" if ending == ".tgz" else "w") as file:
        member = tarfile.TarInfo("./cat/a.png")
        member.size = len(png(7))
        file.addfile(member, io.BytesIO(png(7)))
        file.addfile(link("dog/hard.png", tarfile.LNKTYPE, "./cat/a.png"))
        file.addfile(link("dog/soft.png", tarfile.SYMTYPE, "../cat/a.png"))
        file.addfile(link("dog/both.png", tarfile.SYMTYPE, "hard.png"))
        file.addfile(link("dog/nowhere.png", tarfile.SYMTYPE, "../../../etc/x.png"))
        file.addfile(link("dog/itself.png", tarfile.SYMTYPE, "itself.png"))
        file.addfile(link("dog/pipe.png", tarfile.FIFOTYPE, ""))
    source = open_tar(place)
    assert [record.uri.partition("!/")[2] for record in source] == ["cat/a.png", "dog/hard.png", "dog/soft.png", "dog/both.png"]
    assert {record.open() for record in source} == {png(7)}
    assert [(row.uri.rpartition("/")[2], row.reason) for row in source.problems] == [
        ("nowhere.png", "a link that leads nowhere"), ("itself.png", "a link that leads nowhere"),
        ("pipe.png", "a device, no file that can be read"),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tgz"])
def test_an_archive_is_listed_as_a_folder_is(tmp_path: Path, ending: str, png: Callable[..., bytes]) -> None:
    names = ["set/train/cat/a.png", "set/Val/dog/b.png", "set/val/cat/IMG_1", "@eaDir/x.png", "set/train/cat/c.svg", "notes.txt"]
    path = tmp_path / f"t{ending}"
    source = packed(path, names, png())
    found = [(record.uri.rpartition("/")[2], record.label, record.split) for record in source]
    assert sorted(found) == [("IMG_1", "cat", "validation"), ("a.png", "cat", "train"), ("b.png", "dog", "validation")]
    assert (source.beside.passed_over, source.beside.excluded) == ({"drawing": 1}, 1)
    left = open_source(path, exclude=["cat/"])
    assert [record.uri.rpartition("/")[2] for record in left] == ["b.png"]
    assert left.beside.excludes(f"{path}!/set/train/cat/a.png")


def test_a_file_without_an_ending_is_a_picture_by_its_first_bytes_alone(tmp_path: Path, png: Callable[..., bytes]) -> None:
    for ending in (".zip", ".tar"):
        assert len(packed(tmp_path / f"a{ending}", ["IMG_1"], png())) == 1
        assert len(packed(tmp_path / f"b{ending}", ["README", "LICENSE"], b"words")) == 0


def test_more_than_an_image_may_take_is_not_even_unpacked(tmp_path: Path) -> None:
    place = tmp_path / "t.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(1 << 20))
        archive.infolist()[0].file_size = MAX_BYTES + 1  # as a small file may state
    [record] = open_zip(place).records
    with pytest.raises(UnreadableImage, match=f"{MAX_BYTES + 1} bytes, more than {MAX_BYTES} are refused"):
        record.open()


def test_a_damaged_image_in_an_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(bytes(data))
    [record] = open_zip(path).records
    with pytest.raises(UnreadableImage, match=r"t\.zip!/a\.png: damaged in the archive"):
        record.open()
