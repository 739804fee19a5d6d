"""Tests of queries as they are written on a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.collection.search.query import Part
from podoba.collection.search.written import parse_box, parse_part, parse_parts


def test_parts_are_read_as_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_part("a.jpg") == Part("a.jpg")
    assert parse_part("a.jpg@0.5") == Part("a.jpg", 0.5)
    assert parse_part("id:0123@2") == Part("id:0123", 2.0)
    assert parse_part("me@home.jpg") == Part("me@home.jpg")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo@2").write_bytes(b"x")
    assert parse_part("photo@2") == Part("photo@2")  # a file of that name
    assert str(Part("a.jpg", 0.5, (1, 2, 3, 4))) == "a.jpg[1,2,3,4]@0.5"
    assert parse_box("1,2.5,30,40") == (1, 2.5, 30, 40)
    with pytest.raises(ValueError, match=r"a\.jpg@0: the weight of an image is a number above zero"):
        parse_part("a.jpg@0")
    for wrong in ("1,2,3", "a,b,c,d", "1,2,0,4", "1,2,3,nan", ""):
        with pytest.raises(ValueError, match=r".+"):
            parse_box(wrong)


def test_boxes_belong_to_the_first_pictures() -> None:
    parts = parse_parts(["a.jpg@0.5", "b.jpg"], ["1,2,30,40"])
    assert parts == [Part("a.jpg", 0.5, (1, 2, 30, 40)), Part("b.jpg")]
    with pytest.raises(ValueError, match="2 boxes for 1 pictures"):
        parse_parts(["a.jpg"], ["1,2,3,4", "1,2,3,4"])
    with pytest.raises(ValueError, match=r"a box is x,y,width,height in pixels, .*; not 'a,b,c,d'"):
        parse_parts(["a.jpg"], ["a,b,c,d"])
