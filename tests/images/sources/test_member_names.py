"""Names in archives: their encoding where it is not stated, and paths that lead nowhere else."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podoba.images.sources.member_names import inner_path, likeliest_encoding, zip_names

NAMES = {
    "cp866": ["кот.jpg", "фото/Київ.jpg", "Собака/Щенок.jpg", "ОТПУСК/МОРЕ.JPG", "ёлка.jpg"],
    "cp1251": ["кот.jpg", "Фото/Літо.jpg", "ОТПУСК/МОРЕ.JPG", "щенки.jpg", "вечірка/друзі.png"],
    "cp437": ["Müller.jpg", "été.jpg", "Größe/Äpfel.jpg", "Björn.jpg", "señor.jpg"],
    "cp932": ["写真.jpg", "ネコ.jpg", "猫/犬.jpg", "東京タワー/夜景.jpg"],
    "utf-8": ["фото.jpg", "Müller.jpg", "写真.jpg", "é.jpg"],
}


@pytest.mark.parametrize(("encoding", "name"), [(encoding, name) for encoding, names in NAMES.items() for name in names])
def test_one_name_is_enough_to_tell_its_encoding(encoding: str, name: str) -> None:
    assert name.encode(encoding).decode(likeliest_encoding([name.encode(encoding)])) == name


@pytest.mark.parametrize("encoding", NAMES)
def test_names_of_an_archive_that_does_not_state_their_encoding(encoding: str) -> None:
    members = []
    for name in [*NAMES[encoding], "plain.jpg"]:
        member = zipfile.ZipInfo("x")
        member.orig_filename = member.filename = name.encode(encoding).decode("cp437")
        members.append(member)
    assert zip_names(members) == [*NAMES[encoding], "plain.jpg"]


def test_names_that_are_stated_are_taken_as_they_are() -> None:
    flagged = zipfile.ZipInfo("Ђ╬.jpg")
    flagged.flag_bits = 0x800
    extra = zipfile.ZipInfo("?.jpg")
    extra.filename = "猫.jpg"  # from a field of its own beside the name
    assert zip_names([flagged, extra]) == ["Ђ╬.jpg", "猫.jpg"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.jpg", "a/b.jpg"), (r"a\b.jpg", "a/b.jpg"), ("./a//b.jpg", "a/b.jpg"), ("../../etc/b.jpg", "etc/b.jpg"),
        ("/a/b.jpg", "a/b.jpg"), (r"C:\a\b.jpg", "a/b.jpg"), (r"..\a\..\b.jpg", "a/b.jpg"), ("..", ""),
        ("a:b/c.jpg", "a:b/c.jpg"),
    ],
)  # fmt: skip
def test_paths_stay_below_the_archive(name: str, path: str) -> None:
    assert inner_path(name) == path


@given(st.text(st.sampled_from("ab./\\: Я"), max_size=12))
def test_no_name_leads_out_of_an_archive(name: str) -> None:
    path = inner_path(name)
    assert not path.startswith("/")
    assert not {"..", ".", ""} & set(path.split("/")) or path == ""
    assert inner_path(path) == path or PurePosixPath(path).parts[0].endswith(":")
