"""What a client is told of the review."""

from __future__ import annotations

from podoba.serve.review.describe import HISTORY, describe, group_to_json, history_of

from .conftest import Pictures


def test_counts_by_kind_tell_those_inside_one_folder(pictures: Pictures) -> None:
    pictures.decide("3.png", "3.png")
    told = describe(pictures.review.standing())
    assert (told["groups"], told["decided"], told["going"]["pictures"]) == (6, 1, 1)
    assert told["kinds"][1] == {"kind": "same picture", "groups": 2, "decided": 1, "inside": 1, "inside_decided": 1}


def test_the_last_batches_are_told_the_newest_first(pictures: Pictures) -> None:
    batches = [pictures.decide("0.png", "0.png" if turn % 2 else "0-again.png") for turn in range(HISTORY + 3)]
    told = history_of(pictures.review.standing().decisions)
    assert [row["batch"] for row in told] == batches[::-1][:HISTORY]
    assert {(row["groups"], row["kept"], row["removed"]) for row in told} == {(1, 1, 1)}


def test_folders_are_numbered_and_places_told_only_where_they_may_be(pictures: Pictures) -> None:
    told = group_to_json(pictures.group_with("0.png"), show_paths=False)
    assert [(item["folder"], item["uri"]) for item in told["items"]] == [(1, None), (2, None)]
    assert group_to_json(pictures.group_with("0.png"), show_paths=True)["items"][0]["uri"].endswith("album/0.png")
    assert group_to_json(pictures.group_with("3.png"), show_paths=False)["folders"] == 1
