"""Kinds of files by their endings."""

from __future__ import annotations

from itertools import chain

import pytest

from podoba.images import kinds
from podoba.images.kinds import KINDS, PICTURES, is_picture, kind_passed_over


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.jpg", True), ("B.JPG", True), ("/x.y/c.Dng", True), ("d.svg", False), ("e.mov", False), ("IMG_1", False)],
)
def test_pictures_are_known_by_their_endings(name: str, expected: bool) -> None:
    assert is_picture(name) is expected


@pytest.mark.parametrize("installed", [True, False])
def test_a_kind_of_an_extra_is_read_where_the_extra_is_installed(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_is_installed", lambda module: installed)
    for name in ("a.HEIC", "b.jxl"):
        kind = kind_passed_over(name)
        assert is_picture(name) is installed
        assert (kind is None) is installed
        assert kind is None or f"podoba[{kind.extra}]" in kind.advice
    assert kind_passed_over("holiday.MP4") == next(kind for kind in KINDS if kind.name == "video")
    assert kind_passed_over("notes.txt") is kind_passed_over("a.jpg") is None


def test_an_ending_is_of_one_kind() -> None:
    endings = [*PICTURES, *chain.from_iterable(kind.endings for kind in KINDS)]
    assert len(endings) == len(set(endings))
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)
    assert all((kind.extra is None) == (kind.module is None) for kind in KINDS)
