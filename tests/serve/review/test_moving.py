"""Files that were decided to go, moved and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.duplicates.results import KINDS
from podoba.errors import CollectionError
from podoba.serve.jobs.kinds import KINDS as JOBS
from podoba.serve.jobs.report import Report
from podoba.serve.review.moving import folder_beside, moved_files, plan_of

from .conftest import Pictures


def run(kind: str, pictures: Pictures, **arguments: Any) -> dict[str, Any]:
    return dict(JOBS[kind].load()(pictures.path, arguments, Report(lambda said: None)))


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_decided_to_go_is_moved_and_put_back(pictures: Pictures) -> None:
    before = files_in(pictures.folder)
    pictures.decide("0.png", "0-again.png")
    pictures.decide("2.png", "2-small.jpg")  # not as suggested
    pictures.decide("3.png", "3.png", "3-encoded.jpg")  # both stay
    plan = plan_of(pictures.review)
    assert plan.folder == pictures.path.with_name("pictures-duplicates")
    assert sorted(Path(member.item.uri).name for member in plan.going) == ["0.png", "2.png"]
    assert run("move-duplicates", pictures, token=plan.token) == {"moved": 2, "companions": 0, "left": 0}
    after = files_in(pictures.folder)
    assert set(before) - set(after) == {"album/0.png", "album/2.png"}
    assert plan_of(pictures.review).groups == []
    assert sorted(Path(row.before).name for row in moved_files(plan.folder)) == ["0.png", "2.png"]
    assert run("return-duplicates", pictures) == {"back": 2, "already": 0, "left": 0}
    assert files_in(pictures.folder) == before
    assert moved_files(plan.folder) == []
    assert pictures.named(pictures.group_with("0.png")) == {"0.png": False, "0-again.png": True}, "what was decided stands"
    assert len(pictures.collection) == 14


def test_nothing_is_moved_where_something_else_was_decided_meanwhile(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    token = plan_of(pictures.review).token
    pictures.decide("0.png", "0.png")
    with pytest.raises(CollectionError, match="meanwhile"):
        run("move-duplicates", pictures, token=token)
    with pytest.raises(CollectionError):
        run("return-duplicates", pictures)


def test_a_file_that_changed_since_stays_and_is_named(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    (pictures.folder / "album" / "0.png").write_bytes(b"other")
    said: list[dict[str, Any]] = []
    result = JOBS["move-duplicates"].load()(pictures.path, {"token": plan_of(pictures.review).token}, Report(said.append))
    assert (result["moved"], result["left"]) == (0, 1)
    assert any("0.png" in str(one.get("skipped")) for one in said)


def test_the_folder_lies_outside_of_what_is_indexed(pictures: Pictures) -> None:
    pictures.collection.close()
    inside = pictures.folder / "inside.podoba"
    pictures.path.rename(inside)
    with Collection.open(inside) as collection:
        assert folder_beside(collection) == pictures.folder.parent / "inside-duplicates"


def test_a_copy_is_looked_at_as_what_it_is_to_the_one_that_stays(pictures: Pictures) -> None:
    from podoba.serve.review.moving import _to_move

    pictures.decide("4.png", "4-mirrored.png")
    pictures.decide("1.png", "1-again.png")
    kinds = {Path(group.keep.item.uri).name: group.copies[0].kind for group in map(_to_move, plan_of(pictures.review).groups)}
    assert kinds == {"4-mirrored.png": KINDS[2], "1-again.png": KINDS[0]}
