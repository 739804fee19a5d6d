"""The list of what stays and what goes."""

from __future__ import annotations

import csv
import io

from podoba.serve.review.listing import as_csv, as_json, name_of

from .conftest import Pictures


def test_every_image_has_a_line_with_what_becomes_of_it(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    groups = pictures.review.standing().groups
    rows = list(csv.DictReader(io.StringIO(as_csv(groups, show_paths=True))))
    assert len(rows) == 12
    decided = [row for row in rows if row["decided"] == "True"]
    assert [(row["name"], row["action"]) for row in decided] == [("0-again.png", "keep"), ("0.png", "remove")]
    assert {row["path"] for row in rows} <= {item.uri for item in pictures.collection.items()}


def test_no_path_is_told_where_none_is_shown(pictures: Pictures) -> None:
    groups = pictures.review.standing().groups
    assert str(pictures.folder) not in as_csv(groups, show_paths=False)
    assert {row["path"] for row in as_json(groups, show_paths=False)["images"]} == {None}


def test_a_name_has_no_folder() -> None:
    assert [name_of(uri) for uri in ("/a/b.png", "x.zip/in/c.png", "d")] == ["b.png", "c.png", "d"]
