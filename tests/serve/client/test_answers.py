"""The types of the client are those of the API's description."""

from __future__ import annotations

from typing import Any

import pytest

from podoba.collection.search.results import Hit as LocalHit
from podoba.serve.client import answers

DESCRIBED = {
    "Hit": "HitAnswer", "ItemName": "OwnAnswer", "Nearest": "NearestAnswer", "Item": "ItemAnswer", "Value": "ValueAnswer",
    "Bin": "BinAnswer", "Facet": "FacetAnswer", "Mark": "MarkAnswer",
}  # fmt: skip


@pytest.fixture(scope="module")
def schemas(site: Any) -> dict[str, Any]:
    """The descriptions of answers, by name."""
    found: dict[str, Any] = site.client().get("/openapi.json").json()["components"]["schemas"]
    return found


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_type_has_what_the_api_describes(name: str, schemas: dict[str, Any]) -> None:
    fields = {field.alias or key for key, field in getattr(answers, name).model_fields.items()}
    described = set(schemas[DESCRIBED[name]]["properties"])
    assert fields <= described
    assert described - fields <= {"number"}


def test_a_hit_has_what_a_hit_of_a_collection_has() -> None:
    assert set(LocalHit.__dataclass_fields__) <= set(answers.Hit.model_fields)


def test_an_answer_of_a_newer_server_is_understood_and_does_not_change() -> None:
    nearest = answers.Nearest.model_validate({"similarity": 0.5, "probability": None, "mood": "good"})
    with pytest.raises(ValueError, match="frozen"):
        nearest.similarity = 1.0  # type: ignore[misc]
