from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from podoba.serve.library.bodies import ComparisonBody, ModelBody
from podoba.serve.library.settings import DEFAULT

LEAST = {"a": "photos", "b": "photos-2", "query": [{"item": "0f"}]}


def test_a_comparison_is_of_twenty_results_if_not_told() -> None:
    body = ComparisonBody.model_validate(LEAST)
    assert (body.k, body.unwanted) == (20, [])
    assert ComparisonBody.model_validate(LEAST | {"not": [{"text": "sky"}]}).unwanted[0].text == "sky"


@pytest.mark.parametrize(
    "changes",
    [{"query": []}, {"k": 0}, {"k": DEFAULT.depth + 1}, {"query": [{}]}, {"where": "width > 1"}, {"a": "x" * 256}],
    ids=["nothing", "none", "too many", "an empty part", "a filter", "a long name"],
)
def test_what_is_no_comparison(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ComparisonBody.model_validate(LEAST | changes)


def test_a_model_is_named_and_nothing_else() -> None:
    assert ModelBody(model="small").model == "small"
    with pytest.raises(ValidationError):
        ModelBody.model_validate({"model": "small", "path": "/"})
