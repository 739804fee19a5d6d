"""Where a listing is cut: every name once, and one name more touches few lists."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.scale.shards.boundaries import cut, ends
from podoba.scale.shards.settings import ShardSettings

NAMES = st.lists(st.text(max_size=12), max_size=300, unique=True).map(sorted)
SETTINGS = st.builds(ShardSettings, images=st.integers(1, 20), longest=st.integers(1, 8), bytes=st.integers(1, 200))


def lists(names: list[str], how: ShardSettings, size: int = 0) -> list[list[str]]:
    return list(cut(names, lambda name: name, lambda name: size, how))


@settings(max_examples=200, deadline=None)
@given(NAMES, SETTINGS, st.integers(0, 9))
def test_every_name_is_in_one_list(names: list[str], how: ShardSettings, size: int) -> None:
    found = lists(names, how, size)
    assert [name for some in found for name in some] == names
    assert all(0 < len(some) <= how.images * how.longest for some in found)
    assert all(size * (len(some) - 1) < how.bytes for some in found)


@settings(max_examples=200, deadline=None)
@given(NAMES, st.integers(1, 20), st.text(max_size=12))
def test_one_name_more_changes_the_list_that_it_is_in(names: list[str], images: int, new: str) -> None:
    how = ShardSettings(images, longest=1000)
    before = lists([name for name in names if name != new], how)
    after = lists(sorted({*names, new}), how)
    assert len([some for some in after if some not in before]) <= 2
    assert len([some for some in before if some not in after]) <= 1


def test_lists_that_were_cut_by_their_length_fall_into_step_again() -> None:
    how, names = ShardSettings(images=20, longest=2), [f"{number:06}.jpg" for number in range(20_000)]
    before = {tuple(some) for some in lists(names, how)}
    for new in ("000000.aaa", "003210.aaa", "019000.aaa"):
        after = {tuple(some) for some in lists(sorted([*names, new]), how)}
        assert 1 <= len(after - before) <= 20
        assert len(after) > 900


def test_lists_are_as_long_as_asked_on_average() -> None:
    names = [f"photos/{number}.jpg" for number in range(50_000)]
    assert 80 < len(names) / len(lists(names, ShardSettings(images=100))) < 125
    assert ends("x", 1)
