"""Requests made from the API's own description: none ends in a fault, and each is answered as described."""

from __future__ import annotations

import os
from typing import Any
from zlib import crc32

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

pytestmark = pytest.mark.slow
CASES = int(os.environ.get("PODOBA_API_CASES", "300"))  # of all routes together
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


def test_whatever_is_asked_is_answered_as_described(attacked: Any) -> None:
    headers = {"Authorization": f"Bearer {attacked.token}"}
    with attacked.client() as client:
        items = client.get("/api/v1/collections/shapes/items?k=3").json()["items"]
    known = {"name": ["shapes", "shapes", "hostile", "new", "shapes"], "id": [item["id"] for item in items], "sha256": ["0" * 64]}
    assert_described(attacked.address, headers, known, CASES)


def test_so_it_is_of_a_collection_in_no_file(far: Any) -> None:
    headers = {"Authorization": f"Bearer {far.site.settings.token}"}
    known = {"name": ["far"], "id": [row.item.id for row in far.vectors.store.rows.values()][:3], "sha256": ["0" * 64]}
    assert_described(far.site.address, headers, known, CASES // 2)


def assert_described(address: str, headers: dict[str, str], known: dict[str, list[str]], cases: int) -> None:
    """Ask an API all that its description allows.

    Args:
        known: values of parameters in paths, of which most requests have one.
    """
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", headers=headers)
    found: list[Any] = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    operations = [one for one in found if not one.path.endswith("/events")]  # streams without end
    faults: list[str] = []
    asked = 0
    for operation in operations:

        @settings(
            max_examples=max(3, cases // len(operations)),
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            for key, value in case.path_parameters.items():
                chosen = crc32(repr(value).encode())
                if key in known and chosen % 4:  # else nearly all answers would be 404
                    case.path_parameters[key] = known[key][chosen % len(known[key])]
            asked += 1
            answer = case.call(headers=headers, timeout=30)
            try:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # which is deliberate
                    case.validate_response(answer, checks=[not_a_server_error], additional_checks=[])
                case.validate_response(answer, checks=CHECKS)
            except (AssertionError, FailureGroup) as error:
                faults.append(f"{case.method} {case.formatted_path}: {answer.status_code}: {error}: {answer.text[:300]}")

        ask()
    assert faults == []
    assert asked >= cases // 2
