"""What the API says of maps is of the described form, with nothing beside it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from podoba.serve.maps.bodies import ClusterList, Landmarks, Legend, MapState


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("state", MapState),
        ("legend?by=label", Legend),
        ("legend?by=width", Legend),
        ("landmarks", Landmarks),
        ("clusters", ClusterList),
    ],
)
def test_an_answer_is_of_its_form(client: httpx.Client, path: str, body: type[BaseModel]) -> None:
    told: dict[str, Any] = client.get(f"/collections/shapes/map/{path}").json()
    assert body.model_validate(told).model_dump(by_alias=True, exclude_unset=True) == told
