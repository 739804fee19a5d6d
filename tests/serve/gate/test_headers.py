"""The headers of every answer; what browsers make of them is in `test_security_page`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from podoba.serve.gate.headers import SANDBOXED, completed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), ("/nothing", 404), ("/static/icon.svg", 200), ("/static/nothing", 404), ("/api/v1/session", 200),
        ("/api/v1/collections/none", 404), ("/api/v1/health", 200), ("/?token=x", 400),
    ],
)  # fmt: skip
def test_every_answer_has_them(client: httpx.Client, site: Any, path: str, status: int) -> None:
    answer = client.get(site.address + path)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert (headers["cross-origin-opener-policy"], headers["cross-origin-resource-policy"]) == ("same-origin", "same-origin")
    assert "camera=()" in headers["permissions-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "cache-control" in headers
    assert "server" not in headers
    assert all(len(headers.get_list(name)) == 1 for name in headers)


def test_refusals_have_them_too(site: Any) -> None:
    for headers in ({}, {"Host": "evil.example"}, {"Origin": "null"}):
        answer = httpx.get(f"{site.address}/api/v1/session", headers=headers)
        assert answer.status_code in (401, 403)
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert answer.headers["cache-control"] == "no-store"


def test_what_is_no_http_gets_them_too(site: Any, say: Callable[..., Any]) -> None:
    answer = say(site, b"what is this\r\n\r\n").answer
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nx-content-type-options: nosniff\r\n" in answer
    assert b'"code": "bad_request"' in answer


def test_a_page_runs_its_own_scripts_alone_and_other_answers_none(client: httpx.Client, site: Any) -> None:
    page = client.get(f"{site.address}/").headers["content-security-policy"]
    assert "script-src 'self';" in page
    assert page.endswith("require-trusted-types-for 'script'; trusted-types 'none'")
    assert "unsafe" not in page
    data = client.get("/session").headers["content-security-policy"]
    assert data == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_what_a_route_set_stays() -> None:
    own = [(b"content-type", b"text/html"), (b"cache-control", b"max-age=9")]
    own += [(name.lower().encode(), value.encode()) for name, value in SANDBOXED.items()]
    headers = completed(own)
    assert headers[: len(own)] == own
    names = [name for name, _ in headers]
    assert len(set(names)) == len(names)
    assert b"x-content-type-options" in names
