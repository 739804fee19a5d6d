"""The application as a whole: what it describes, and in which order a request passes its gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from podoba.serve.app import create_app
from podoba.serve.problems import REFUSED, TYPE
from podoba.serve.served import Served


@pytest.fixture(scope="module")
def described() -> Iterator[dict[str, Any]]:
    """The description of the API."""
    served = Served([])
    yield create_app(served).openapi()
    served.close()


def test_every_operation_says_what_it_does_and_how_it_refuses(described: dict[str, Any]) -> None:
    operations = {(method, path): one for path, found in described["paths"].items() for method, one in found.items()}
    assert len(operations) > 40
    for (method, path), one in operations.items():
        assert path.startswith("/api/v1/"), path
        assert one["description"], (method, path)
        for status in REFUSED:
            assert TYPE in one["responses"][str(status)]["content"], (method, path, status)


def test_there_is_no_page_of_documentation_that_would_ask_another_host(client: httpx.Client, site: Any) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(f"{site.address}{path}").status_code == 404
    assert client.get("/openapi.json").status_code == 200


def test_a_refusal_is_counted_and_tells_nothing_of_what_is_behind_it(serve: Callable[..., Any], tmp_path: Path) -> None:
    with serve([tmp_path / "none.podoba"]) as site, httpx.Client(base_url=site.address) as stranger:
        kind, large = {"Content-Type": "application/json"}, b" " * (2 << 20)
        answer = stranger.post("/api/v1/session?token=x", headers=kind | {"Host": "evil.example"}, content=large)
        assert answer.json()["code"] == "forbidden_host"  # before the token and the body are looked at
        assert stranger.post("/api/v1/session?token=x", headers=kind, content=large).json()["code"] == "token_in_query"
        assert stranger.post("/api/v1/uploads", headers=kind, content=large).json()["code"] == "unauthorized"
        assert stranger.post("/api/v1/session", headers=kind, content=large).json()["code"] == "too_large"
        assert site.served.requests.ended == Counter({("none", status): 1 for status in (400, 401, 403, 413)})
