"""Tests of what a server keeps of queries."""

from __future__ import annotations

import pytest

from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served


def test_an_unknown_collection_is_a_problem(queries: Queries) -> None:
    with pytest.raises(Problem) as raised:
        queries.opened("none")
    assert raised.value.code == "unknown_collection"


def test_nothing_is_started_before_it_is_needed(served: Served) -> None:
    pool = Decoders()
    queries = Queries(served.collection, decoders=pool)
    queries.opened_file("shapes")
    assert pool.pids == []
    queries.close()


def test_a_collection_that_was_opened_anew_is_described_anew(served: Served, decoders: Decoders) -> None:
    now = {"shapes": served.collection("shapes")}
    queries = Queries(now.__getitem__, decoders=decoders)
    first = queries.opened_file("shapes")
    with type(now["shapes"]).open(served.places["shapes"], read_only=True) as again:
        now["shapes"] = again
        assert queries.opened_file("shapes").collection is again
        assert queries.opened_file("shapes") is not first
