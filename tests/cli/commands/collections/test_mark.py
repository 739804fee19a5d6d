"""`podoba mark`, `podoba search --feedback` and `podoba train --from-feedback`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection

Command = Callable[..., Any]


@pytest.fixture
def ids(collection: Path) -> list[str]:
    with Collection.open(collection, read_only=True) as opened:
        return [item.id for item in opened.items()]


def test_marks_are_given_listed_searched_with_and_forgotten(
    command: Command, collection: Path, pictures: Path, ids: list[str]
) -> None:
    query = str(pictures / "test" / "red" / "13.png")
    done = command("mark", collection, query, "--right", f"{ids[0]},id:{ids[1]}", "--wrong", ids[2], "--wrong", ids[3])
    assert (done.code, done.out) == (0, "")
    assert "2 marked right, 2 wrong; 4 marks in all" in done.err
    done = command("mark", collection, f"id:{ids[5]}", "--wrong", ids[6], "--json")
    assert done.json == {"collection": str(collection), "query": f"id:{ids[5]}", "right": [], "wrong": [ids[6]], "marks": 5}
    listed = command("mark", collection, "--list", "--json").json["marks"]
    assert [(row["id"], row["right"]) for row in listed] == [
        (ids[0], True), (ids[1], True), (ids[2], False), (ids[3], False), (ids[6], False),
    ]  # fmt: skip
    assert listed[0]["asked"] == query
    plain = command("mark", collection, query, "--list").out
    assert [line.split()[1] for line in plain.splitlines()[2:]] == ["right", "right", "wrong", "wrong"]
    usual = command("search", collection, query, "-k", "40", "--json").json
    found = command("search", collection, query, "-k", "40", "--feedback", "--json").json
    assert found["marks"] >= 4
    assert {hit["id"] for hit in usual["hits"]} - {hit["id"] for hit in found["hits"]} == {ids[2], ids[3]}
    by_name = command("search", collection, "--feedback", "rocchio", query, "--json").json
    assert by_name["marks"] == found["marks"]
    assert command("search", collection, "--feedback", query, "-k", "40", "--csv").out.count("\n") == len(found["hits"]) + 1
    assert "1 marks removed" in command("mark", collection, query, "--forget", "--right", ids[0]).err
    assert "3 marks removed" in command("mark", collection, query, "--forget").err
    assert command("mark", collection, "--forget", "--all", "--json").json["forgotten"] == 1
    assert "nothing is marked" in command("mark", collection, "--list").err
    assert "nothing was marked of this query" in command("search", collection, query, "--feedback").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the query"),
        (["id:x"], "name results"),
        (["id:x", "--list", "--forget"], "--list shows marks"),
        (["id:x", "--forget", "--all"], "without a query"),
        (["--forget"], "or --all"),
        (["id:x", "--right", "y", "--box", "1,2"], "a box is x,y,width,height"),
    ],
)
def test_what_makes_no_sense_is_refused(command: Command, collection: Path, arguments: list[str], said: str) -> None:
    done = command("mark", collection, *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())


def test_errors_are_one_line(command: Command, collection: Path, ids: list[str]) -> None:
    for arguments, said in (
        (["mark", collection, f"id:{ids[0]}", "--right", "0" * 16], "no item of id"),
        (["mark", collection, f"id:{ids[0]}", "--right", ids[1], "--wrong", ids[1]], "decide for one"),
        (["search", collection, f"id:{ids[0]}", "--feedback=rochio"], "did you mean rocchio"),
        (["train", "--from-feedback", collection, "--out", collection.parent / "run"], "too few marks"),
    ):
        done = command(*arguments)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert said in done.err
    for misused in (["train", "photos", "--from-feedback", collection], ["train"], ["train", "--set", "epochs=1"]):
        assert command(*misused).code == 2


def test_marks_train_a_model_that_the_collection_takes(
    command: Command, collection: Path, pictures: Path, ids: list[str], tmp_path: Path
) -> None:
    with Collection.open(collection) as opened:
        for item in opened.items()[::3]:
            others = [one for one in opened.items() if one.id != item.id][::3]
            opened.mark(
                f"id:{item.id}",
                right=[one.id for one in others if one.label == item.label],
                wrong=[one.id for one in others if one.label != item.label],
            )
    done = command("train", "--from-feedback", collection, "--out", tmp_path / "marked", "--json")
    assert done.code == 0, done.err
    assert done.json["loss_after"] < done.json["loss_before"]
    assert "held" not in command("models", "show", tmp_path / "marked").err
    assert command("index", collection, pictures / "train", "--model", tmp_path / "marked").code == 0
    assert command("info", collection, "--json").json["model"] == str(tmp_path / "marked")
    again = command("train", "--from-feedback", collection, "--out", tmp_path / "marked")
    assert (again.code, "holds a model already" in again.err) == (1, True)
