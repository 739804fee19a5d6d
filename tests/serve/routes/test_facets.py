"""Facets by the API."""

from __future__ import annotations

import httpx

from podoba.serve.queries.bodies import FacetsAnswer

FACETS = "/collections/shapes/facets"


def test_counts_are_of_the_items_of_a_filter(client: httpx.Client) -> None:
    answer = client.get(FACETS).json()
    assert FacetsAnswer.model_validate(answer)
    facets = {facet["name"]: facet for facet in answer["facets"]}
    assert {value["value"]: value["count"] for value in facets["label"]["values"]} == dict.fromkeys(
        ("circle", "square", "triangle"), 12
    )
    assert (facets["width"]["kind"], facets["width"]["min"], facets["width"]["max"]) == ("numbers", 180, 320)
    some = {facet["name"]: facet for facet in client.get(FACETS, params={"where": "width > 300"}).json()["facets"]}
    assert sum(value["count"] for value in some["label"]["values"]) == 9


def test_a_wrong_filter_is_a_problem(client: httpx.Client) -> None:
    answer = client.get(FACETS, params={"where": "label == 'a' and widht > 3"})
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, "wrong_filter", 17)
    assert "did you mean width?" in answer.json()["detail"]
