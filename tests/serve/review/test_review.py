"""What is decided, by several pages at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from podoba.collection.collection import Collection
from podoba.serve.problems import Problem
from podoba.serve.review.review import Choice, Review, Undone, token_of

from .conftest import Pictures


def refused(pictures: Pictures, *choices: Choice) -> Problem:
    with pytest.raises(Problem) as caught:
        pictures.review.decide(choices)
    return caught.value


def test_decisions_outlive_the_process(pictures: Pictures) -> None:
    pictures.decide("0.png", "0-again.png")
    pictures.collection.close()
    with Collection.open(pictures.path) as again:
        group = next(group for group in Review(again).standing().groups if group.state == "decided")
        assert [member.item.uri.rpartition("/")[2] for member in group.members if member.stays] == ["0-again.png"]


def test_nothing_is_written_over_what_another_page_decided(pictures: Pictures) -> None:
    group = pictures.group_with("0.png")
    first, second = (member.item.id for member in group.members)
    other_page = Review(pictures.collection)
    other_page.decide([Choice(group.key, [second], group.decision)])
    problem = refused(pictures, Choice(group.key, [first], group.decision))
    assert (problem.status, problem.code, problem.more["groups"]) == (409, "decided_elsewhere", [group.key])
    assert pictures.named(pictures.group_with("0.png")) == {"0.png": False, "0-again.png": True}


def test_of_pages_that_decide_at_once_one_is_heard(pictures: Pictures) -> None:
    group = pictures.group_with("0.png")

    def decide(place: int) -> str:
        try:
            Review(pictures.collection).decide([Choice(group.key, [group.members[place % 2].item.id], group.decision)])
        except Problem as problem:
            return problem.code
        return "decided"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(decide, range(8))) == ["decided", *["decided_elsewhere"] * 7]
    assert len(pictures.collection.store.decisions.select()) == 1


def test_a_group_that_changed_and_one_of_which_nothing_stays_are_refused_with_all_beside(pictures: Pictures) -> None:
    group, other = pictures.group_with("0.png"), pictures.group_with("1.png")
    fine = Choice(other.key, [other.members[0].item.id])
    assert refused(pictures, fine, Choice("0" * 20, ["x"])).code == "group_changed"
    assert refused(pictures, fine, Choice(group.key, [])).code == "nothing_kept"
    assert refused(pictures, fine, Choice(group.key, [other.members[0].item.id])).code == "nothing_kept"
    assert pictures.collection.store.decisions.select() == []


def test_the_last_batch_is_taken_back_and_the_one_before_holds_again(pictures: Pictures) -> None:
    first = pictures.decide("0.png", "0-again.png")
    second = pictures.decide("0.png", "0.png")
    group = pictures.group_with("0.png").key
    assert pictures.review.undo() == Undone(second, 1, group)
    assert pictures.named(pictures.group_with("0.png"))["0-again.png"] is True
    assert pictures.review.undo(first) == Undone(first, 1, group)
    assert pictures.group_with("0.png").state == "open"
    with pytest.raises(Problem) as caught:
        pictures.review.undo()
    assert caught.value.code == "nothing_to_undo"


def test_safe_kinds_are_decided_at_once_where_they_are_what_was_looked_at(pictures: Pictures) -> None:
    groups = pictures.review.safe(["identical", "same picture"])
    assert len(groups) == 4
    assert len(pictures.review.safe(["same picture"], across=True)) == 1
    seen = token_of(groups)
    own = pictures.decide("0.png", "0-again.png")
    with pytest.raises(Problem) as caught:
        pictures.review.decide_safe(["identical", "same picture"], across=False, seen=seen)
    assert caught.value.code == "overview_changed"
    seen = token_of(pictures.review.safe(["identical", "same picture"]))
    batch = pictures.review.decide_safe(["identical", "same picture"], across=False, seen=seen)
    assert [group.state for group in pictures.review.standing().groups].count("decided") == 4
    assert pictures.named(pictures.group_with("0.png"))["0-again.png"] is True, "what was decided one by one stands"
    assert pictures.review.undo(batch).count == 3
    assert {decision.batch for decision in pictures.collection.store.decisions.select()} == {own}


def test_other_kinds_are_never_decided_at_once(pictures: Pictures) -> None:
    with pytest.raises(Problem) as caught:
        pictures.review.safe(["near"])
    assert caught.value.code == "unsafe_kind"
