from __future__ import annotations

import pytest

from podoba.serve.library.pair import UNKNOWN, Side, check_two, common
from podoba.serve.problems import Problem
from podoba.serve.queries.queries import Queries


def test_the_same_pictures_are_found_in_both(queries: Queries) -> None:
    a, b = (Side.of(queries.opened_file(name)) for name in ("shapes", "shapes-photo"))
    rows_a, rows_b = common(a, b)
    assert len(rows_a) == len(rows_b) == 34
    names = [[side.columns.names[row] for row in rows] for side, rows in ((a, rows_a), (b, rows_b))]
    assert names[0] == names[1]
    assert a.labels(rows_a) == b.labels(rows_b)


def test_pictures_whose_bytes_are_not_known_equal_no_other(queries: Queries) -> None:
    a, b = (Side.of(queries.opened_file(name)) for name in ("shapes", "shapes-photo"))
    unknown = [Side(side.opened, side.state, side.columns, side.keys * 0 + UNKNOWN) for side in (a, b)]
    assert len(common(*unknown)[0]) == 0
    assert len(common(unknown[0], b)[0]) == 0


def test_a_row_that_is_not_there_has_no_label(queries: Queries) -> None:
    side = Side.of(queries.opened_file("shapes"))
    rows, _ = common(side, side)
    rows[0] = -1
    assert side.labels(rows)[0] is None
    assert set(side.labels(rows)[1:]) <= {"circle", "square", "triangle"}


def test_a_collection_is_not_compared_with_itself() -> None:
    check_two("a", "b")
    with pytest.raises(Problem) as refused:
        check_two("a", "a")
    assert refused.value.code == "same_collection"
