"""Options of a search are checked before anything is searched."""

from __future__ import annotations

import pytest

from podoba.collection.search.options import SearchOptions
from podoba.errors import CollectionError


def test_the_usual_options_are_the_ten_nearest() -> None:
    assert SearchOptions() == SearchOptions(k=10, where=None, min_probability=None, diversity=0, rerank=None, feedback=None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"k": 0}, "k must be at least 1, it is 0"),
        ({"diversity": 2}, "diversity is between 0 and 1, this is 2"),
        ({"diversity": float("nan")}, "diversity is between 0 and 1"),
        ({"min_probability": -0.1}, "a probability is between 0 and 1, this is -0.1"),
    ],
)
def test_numbers_outside_their_range_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SearchOptions(**wrong)  # type: ignore[arg-type]


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(CollectionError, match=r"unknown method of re-ranking 'k-recipricol': did you mean k-reciprocal\?"):
        SearchOptions(rerank="k-recipricol")
    with pytest.raises(CollectionError, match=r"unknown method of feedback 'rochio': did you mean rocchio\?"):
        SearchOptions(feedback="rochio")
    with pytest.raises(CollectionError, match="choose one of linear-probe, rocchio"):
        SearchOptions(feedback="xyz")
