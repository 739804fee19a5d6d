"""Who is answered; with the routes of the session, against a server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from podoba.serve.gate.access import cookies_of


@pytest.fixture
def anybody(site: Any) -> httpx.Client:
    """A client without the token."""
    return httpx.Client(base_url=site.address)


def test_without_access_the_api_says_so(anybody: httpx.Client) -> None:
    answer = anybody.get("/api/v1/collections")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert anybody.get("/api/v1/nothing/here").status_code == 401  # it does not tell what there is
    assert anybody.get("/api/other").status_code == 401


def test_what_carries_no_data_is_open(anybody: httpx.Client) -> None:
    for path in ("/", "/static/icon.svg", "/api/v1/health", "/api/v1/ready"):
        assert anybody.get(path).status_code == 200


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("Bearer TOKEN", 200), ("bearer TOKEN", 200), ("Bearer  TOKEN", 200), ("Bearer TOKEN2", 401), ("Bearer", 401),
        ("TOKEN", 401), ("Basic TOKEN", 401), ("Bearer token", 401), ("", 401), ("Bearer TOKEN,Bearer TOKEN", 401),
    ],
)  # fmt: skip
def test_the_header(site: Any, anybody: httpx.Client, value: str, status: int) -> None:
    headers = {"Authorization": value.replace("TOKEN", site.settings.token)}
    assert anybody.get("/api/v1/session", headers=headers).status_code == status


def test_two_headers_or_odd_bytes_give_nothing(site: Any, anybody: httpx.Client) -> None:
    right = ("Authorization", f"Bearer {site.settings.token}")
    assert anybody.get("/api/v1/session", headers=[right, right]).status_code == 401
    assert anybody.get("/api/v1/session", headers=[(b"Authorization", b"Bearer \xff\xfe")]).status_code == 401


def test_a_wrong_header_is_not_made_good_by_a_session(site: Any, anybody: httpx.Client) -> None:
    anybody.post("/api/v1/session", json={"token": site.settings.token})
    assert anybody.get("/api/v1/session").status_code == 200
    assert anybody.get("/api/v1/session", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("query", ["token=TOKEN", "a=1&token=TOKEN", "Token=x", "access_token=TOKEN", "a=1;token=TOKEN"])
@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/static/icon.svg"])
def test_a_token_in_an_address_is_refused(site: Any, client: httpx.Client, path: str, query: str) -> None:
    answer = client.get(f"{site.address}{path}?{query.replace('TOKEN', site.settings.token)}")
    assert (answer.status_code, answer.json()["code"]) == (400, "token_in_query")


def test_the_token_itself_is_no_cookie(site: Any, anybody: httpx.Client) -> None:
    for name in (site.settings.cookie, "podoba", "token"):
        assert anybody.get("/api/v1/session", headers={"Cookie": f"{name}={site.settings.token}"}).status_code == 401


def test_cookies_are_read_whatever_stands_beside_them() -> None:
    headers = [(b"cookie", b"a:b=c; podoba-1=x; =; \xff\xfe; podoba-1 = y"), (b"cookie", b"podoba-1=z;podoba-11=n")]
    assert cookies_of({"headers": headers}, "podoba-1") == ["x", "z"]
