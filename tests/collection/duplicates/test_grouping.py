"""From links to groups around the best images."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from podoba.collection.duplicates.confirm import Link
from podoba.collection.duplicates.grouping import stars_of


def links(*pairs: tuple[int, int]) -> list[Link]:
    return [Link(first, second, 1, "") for first, second in pairs]


def test_what_is_linked_with_the_best_is_its_group() -> None:
    stars = stars_of(links((0, 3), (3, 5), (2, 4)), lambda pairs: links(*map(tuple, pairs.tolist())))
    assert {keep: list(members) for keep, members in stars.items()} == {0: [3, 5], 2: [4]}


def test_a_chain_is_separated_where_its_ends_are_strangers() -> None:
    compared: list[list[int]] = []

    def confirm(pairs: np.ndarray) -> list[Link]:
        assert pairs.shape[1:] == (2,)
        compared.extend(pairs.tolist())
        return []

    stars = stars_of(links((0, 1), (1, 2), (2, 3)), confirm)
    assert {keep: list(members) for keep, members in stars.items()} == {0: [1], 2: [3]}
    assert [0, 2] in compared
    assert [0, 3] in compared


def test_every_copy_is_linked_with_the_one_that_is_kept() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        pairs = {tuple(sorted(pair)) for pair in rng.integers(0, 12, (14, 2)).tolist() if pair[0] != pair[1]}
        true = {pair for pair in ((a, b) for a in range(12) for b in range(a + 1, 12)) if rng.random() < 0.4} | pairs

        def confirm(some: np.ndarray, true: set[tuple[int, ...]] = true) -> list[Link]:
            return links(*((a, b) for a, b in some.tolist() if (a, b) in true))

        stars = stars_of(links(*((a, b) for a, b in sorted(pairs))), confirm)
        members = [row for keep, copies in stars.items() for row in (keep, *copies)]
        assert len(members) == len(set(members))
        for keep, copies in stars.items():
            assert all(keep < row and (keep, row) in true for row in copies)
            assert all({link.first, link.second} == {keep, row} for row, link in copies.items())


def test_progress_is_one_count_over_all_groups() -> None:
    steps: list[tuple[str, int, int]] = []
    stars_of(links((0, 1), (1, 2), (3, 4), (5, 6)), lambda pairs: [], on_progress=lambda *step: steps.append(step))
    assert [step[0] for step in steps] == ["grouping"] * len(steps)
    assert [step[1:] for step in steps] == [(3, 7), (5, 7), (7, 7)]


def test_the_best_is_chosen_among_all_that_are_connected() -> None:
    asked: list[set[int]] = []

    def last(rows: Collection[int]) -> int:
        asked.append(set(rows))
        return max(rows)

    stars = stars_of(links((0, 1), (1, 2), (4, 5)), lambda pairs: links(*map(tuple, pairs.tolist())), last)
    assert {keep: list(members) for keep, members in stars.items()} == {2: [0, 1], 5: [4]}
    assert asked == [{0, 1, 2}, {4, 5}]


def test_without_links_there_is_no_group() -> None:
    assert stars_of([], lambda pairs: []) == {}
