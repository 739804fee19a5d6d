"""The session of a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture
def browser_like(site: Any) -> Iterator[httpx.Client]:
    """A client that keeps cookies and has no token."""
    with httpx.Client(
        base_url=f"{site.address}/api/v1", headers={"Origin": site.address, "Sec-Fetch-Site": "same-origin"}
    ) as made:
        yield made


def test_the_token_is_given_for_a_cookie_that_scripts_and_other_sites_do_not_get(site: Any, browser_like: httpx.Client) -> None:
    answer = browser_like.post("/session", json={"token": site.settings.token})
    assert (answer.status_code, answer.content) == (204, b"")
    cookie = answer.headers["set-cookie"]
    value, *attributes = [part.strip().lower() for part in cookie.split(";")]
    assert set(attributes) == {"httponly", "samesite=strict", "path=/api/v1"}
    assert value.startswith(f"podoba-{site.settings.port}=")
    assert site.settings.token not in cookie
    assert browser_like.get("/session").status_code == 200


def test_a_wrong_token_gets_nothing(browser_like: httpx.Client) -> None:
    answer = browser_like.post("/session", json={"token": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert "set-cookie" not in answer.headers
    wrong: list[Any] = [{}, {"token": None}, {"token": ["x"]}, {"token": "x" * 201}, [], "x"]
    for body in wrong:
        assert browser_like.post("/session", json=body).status_code == 422


def test_the_end_of_a_session_is_final(site: Any, browser_like: httpx.Client) -> None:
    browser_like.post("/session", json={"token": site.settings.token})
    kept = dict(browser_like.cookies)
    assert browser_like.delete("/session").status_code == 204
    assert dict(browser_like.cookies) == {}
    assert browser_like.get("/session").status_code == 401
    assert httpx.get(f"{site.address}/api/v1/session", cookies=kept).status_code == 401


def test_a_session_is_not_known_to_another_server(site: Any, serve: Callable[..., Any], tmp_path: Path) -> None:
    value = httpx.post(f"{site.address}/api/v1/session", json={"token": site.settings.token}).cookies[site.settings.cookie]
    with serve([tmp_path / "none.podoba"]) as other:  # the same token, as after a start anew in the tests alone
        cookies = {other.settings.cookie: value, site.settings.cookie: value}
        assert httpx.get(f"{other.address}/api/v1/session", cookies=cookies).status_code == 401


def test_what_a_session_tells(serve: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    options = {"show_paths": True, "allow_changes": True, "allow_index": (tmp_path / "new",)}
    with serve([tmp_path / "none.podoba"], **options) as site, site.client() as client:
        facts = client.get("/session").json()
    assert facts["limits"] == {"upload_bytes": 64 << 20, "k": 1000}
    assert (facts["show_paths"], facts["allow_changes"], facts["allow_index"]) == (True, True, True)
    assert set(facts) == {"version", "show_paths", "allow_changes", "allow_index", "limits", "extras"}
