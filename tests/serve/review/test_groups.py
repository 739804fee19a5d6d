"""Groups as they stand."""

from __future__ import annotations

from pathlib import Path

from .conftest import Pictures


def test_groups_are_open_as_suggested(pictures: Pictures) -> None:
    groups = pictures.review.standing().groups
    assert {group.state for group in groups} == {"open"}
    assert all(sum(member.stays for member in group.members) == 1 for group in groups)
    assert len({group.key for group in groups}) == 6
    assert [group.is_inside_one_folder for group in groups] == [False, False, False, True, False, False]


def test_a_decided_group_comes_back_with_a_new_member_alone(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    assert pictures.group_with("0.png").state == "decided"
    pictures.update()
    assert pictures.group_with("0.png").state == "decided", "found once more"
    (pictures.folder / "phone" / "0-third.png").write_bytes((pictures.folder / "album" / "0.png").read_bytes())
    pictures.update()
    group = pictures.group_with("0.png")
    assert group.state == "returned"
    assert pictures.named(group) == {"0.png": False, "0-again.png": True, "0-third.png": False}
    assert [member.decided for member in group.members].count(None) == 1
    pictures.decide("0.png", "0-again.png")
    assert pictures.group_with("0.png").state == "decided"


def test_a_decision_follows_files_that_are_moved(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    pictures.decide("2.png", "2-small.jpg")
    (pictures.folder / "phone").rename(pictures.folder / "telephone")
    pictures.collection.update([pictures.folder], "small")
    assert pictures.named(pictures.group_with("0-again.png")) == {"0.png": False, "0-again.png": True}, "before it is found again"
    pictures.update()
    for name in ("0-again.png", "2-small.jpg"):
        group = pictures.group_with(name)
        assert (group.state, pictures.named(group)[name], len(group.removed)) == ("decided", True, 1)


def test_what_is_gone_leaves_its_group(pictures: Pictures) -> None:
    pictures.decide("0.png", "0.png")
    for name in ("album/1.png", "album/2.png"):
        item = next(item for item in pictures.collection.items() if item.uri.endswith(name))
        pictures.collection.remove([item.id])
    standing = pictures.review.standing()
    assert (len(standing.groups), standing.fresh) == (4, False)


def test_where_what_was_to_stay_is_gone_the_rest_is_decided_anew(pictures: Pictures) -> None:
    (pictures.folder / "phone" / "0-third.png").write_bytes((pictures.folder / "album" / "0.png").read_bytes())
    pictures.update()
    pictures.decide("0.png", "0-again.png")
    gone = next(item for item in pictures.collection.items() if item.uri.endswith("0-again.png"))
    pictures.collection.remove([gone.id])
    group = pictures.group_with("0-third.png")
    assert (group.state, sum(member.stays for member in group.members)) == ("open", 1), "one of them stays"


def test_where_the_best_is_gone_another_is_suggested(pictures: Pictures) -> None:
    (pictures.folder / "phone" / "0-third.png").write_bytes((pictures.folder / "album" / "0.png").read_bytes())
    pictures.update()
    best = pictures.group_with("0.png").members[0]
    pictures.collection.remove([best.item.id])
    group = pictures.group_with("0-third.png")
    assert [member.suggested for member in group.members] == [True, False]
    assert group.members[0].reason.startswith("kept: the one that was better")


def test_what_was_kept_together_is_found_no_more(pictures: Pictures) -> None:
    pictures.decide("0.png", "0.png", "0-again.png")
    pictures.decide("3.png", "3.png", "3-encoded.jpg")
    assert len(pictures.collection.find_duplicates().groups) == 4


def test_what_was_chosen_is_what_is_kept_from_then_on(pictures: Pictures) -> None:
    for name, chosen in (("0.png", "0-again.png"), ("2.png", "2-small.jpg")):
        pictures.decide(name, chosen)
    kept = {Path(group.keep.item.uri).name: group.keep.reason for group in pictures.collection.find_duplicates().groups}
    assert kept["0-again.png"] == kept["2-small.jpg"] == "kept: as was decided"
    assert "0.png" not in kept
    pictures.review.undo()
    pictures.review.undo()
    assert "0.png" in {Path(group.keep.item.uri).name for group in pictures.collection.find_duplicates().groups}
