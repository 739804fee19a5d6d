"""Archives: the class is the first folder that tells images apart; what is damaged inside is named."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import UnreadableImage
from podoba.images.sources.archive import open_tar, open_zip
from podoba.images.sources.base import ImageSource

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
