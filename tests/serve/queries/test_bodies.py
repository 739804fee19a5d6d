"""Tests of what can be asked."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from fastapi.exceptions import RequestValidationError

from podoba.collection.search.rerank import RERANKERS
from podoba.ranking.relevance_feedback import METHODS
from podoba.serve.queries.bodies import Feedback, MarksBody, Reranking, SearchBody, parsed, schema_of


def test_methods_are_those_of_the_collection() -> None:
    assert set(get_args(Reranking)) == set(RERANKERS)
    assert set(get_args(Feedback)) == set(METHODS)


def test_examples_can_be_asked() -> None:
    for example in schema_of(SearchBody)["examples"]:
        body = parsed(SearchBody, json.dumps(example))
        assert len(body.unwanted) == len(example.get("not", []))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "query"),
        ({"query": []}, "query"),
        ({"query": [{"item": "a", "text": "b"}]}, "query.0"),
        ({"query": [{"weight": 1}]}, "query.0"),
        ({"query": [{"text": "  "}]}, "query.0"),
        ({"query": [{"text": "a", "box": [0, 0, 5, 5]}]}, "query.0"),
        ({"query": [{"item": "a", "box": [0, 0, 0, 5]}]}, "query.0"),
        ({"query": [{"item": "a", "box": [0, 0, 5]}]}, "query.0.box.3"),
        ({"query": [{"item": "a", "weight": 0}]}, "query.0.weight"),
        ({"query": [{"upload": "../x"}]}, "query.0.upload"),
        ({"query": [{"item": "a"}], "k": 1001}, "k"),
        ({"query": [{"item": "a"}], "rerank": "magic"}, "rerank"),
        ({"query": [{"item": "a"}], "min_probability": 2}, "min_probability"),
        ({"query": [{"item": "a"}], "unknown": 1}, "unknown"),
        ({"query": [{"item": "a"}] * 33}, "query"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(RequestValidationError) as raised:
        parsed(SearchBody, json.dumps(body))
    assert [".".join(map(str, error["loc"])) for error in raised.value.errors()] == [place]


@pytest.mark.parametrize("text", ['{"query": [{"item": "a", "weight": NaN}]}', '{"query": [{"item": "\\ud800"}]}', "{", "[]", ""])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(RequestValidationError):
        parsed(SearchBody, text)


def test_schemas_stand_by_themselves() -> None:
    for model in (SearchBody, MarksBody):
        assert "$ref" not in json.dumps(schema_of(model))
