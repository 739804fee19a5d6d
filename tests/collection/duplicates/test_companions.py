"""What belongs to a picture by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.collection.duplicates.companions import Companions, SharedCompanion, companions_of, renamed


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(name)
    return folder / names[0]


def test_companions_are_known_by_their_names(tmp_path: Path) -> None:
    belong = ["IMG_1.AAE", "IMG_1.dng", "IMG_1.jpg.json", "IMG_1.mov", "IMG_1.xmp", "img_1.JPG.xmp"]
    picture = make(tmp_path, "IMG_1.jpg", *belong, "IMG_10.xmp", "IMG_2.mov", "IMG_1 (2).xmp", "IMG_1.txt", "IMG_1")
    (tmp_path / "IMG_1.mp4").mkdir()
    assert [path.name for path in companions_of(picture)] == sorted(belong)
    assert Companions().has(str(picture))
    assert companions_of(tmp_path / "IMG_2.jpg") == [tmp_path / "IMG_2.mov"]
    assert companions_of(tmp_path / "IMG_3.jpg") == []
    assert not Companions().has(str(tmp_path / "IMG_3.jpg"))
    assert not Companions().has(str(tmp_path / "nowhere" / "IMG_1.jpg"))
    assert not Companions().has("/a/photos.zip!/IMG_1.jpg")


@pytest.mark.parametrize(("companion", "other"), [("1.mov", "1.heic"), ("1.xmp", "1.png"), ("1.dng", "1.JPEG")])
def test_a_companion_of_two_pictures_is_no_ones_alone(tmp_path: Path, companion: str, other: str) -> None:
    picture = make(tmp_path, "1.jpg", companion, other)
    with pytest.raises(SharedCompanion, match=f"its companion {companion} is that of {other} too"):
        companions_of(picture)
    assert Companions().has(str(picture))


def test_a_sidecar_with_the_whole_name_is_its_alone(tmp_path: Path) -> None:
    assert companions_of(make(tmp_path, "1.jpg", "1.png", "1.jpg.xmp", "1.png.xmp")) == [tmp_path / "1.jpg.xmp"]


def test_a_raw_picture_belongs_to_the_one_beside_it(tmp_path: Path) -> None:
    raw = make(tmp_path, "1.dng", "1.jpg")
    with pytest.raises(SharedCompanion, match=r"it belongs to 1\.jpg beside it"):
        companions_of(raw)
    assert companions_of(make(tmp_path, "2.dng", "2.xmp")) == [tmp_path / "2.xmp"]


@pytest.mark.parametrize(
    ("companion", "target", "expected"),
    [
        ("1.xmp", "1.jpg", "1.xmp"),
        ("1.xmp", "1-2.jpg", "1-2.xmp"),
        ("1.jpg.xmp", "1-2.jpg", "1-2.jpg.xmp"),
        ("1.MOV", "1-1.jpg", "1-1.MOV"),
    ],
)
def test_companions_keep_the_name_of_their_picture(companion: str, target: str, expected: str) -> None:
    assert renamed(Path("/a") / companion, Path("/a/1.jpg"), Path("/away") / target) == Path("/away") / expected


def test_a_folder_is_listed_once(tmp_path: Path) -> None:
    companions, picture = Companions(), make(tmp_path, "1.jpg", "1.xmp", "2.jpg")
    assert companions.has(str(picture))
    make(tmp_path, "2.xmp")
    assert not companions.has(str(tmp_path / "2.jpg"))
    assert Companions().has(str(tmp_path / "2.jpg"))
