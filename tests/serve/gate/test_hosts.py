"""Which hosts and origins are let in; the whole table of both is in `test_security`."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from podoba.serve.gate.hosts import Hosts

Headers = list[tuple[bytes, bytes]]


async def passed(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "passed"})


def outcome(
    headers: dict[str, str] | Headers,
    *,
    path: str = "/",
    method: str = "GET",
    at: tuple[str, int] = ("127.0.0.1", 8765),
    **options: Any,
) -> Any:
    """What becomes of a request: `passed`, or the status and the code of a refusal."""
    listed = headers if isinstance(headers, list) else [(k.encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": listed, "server": at}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = Hosts(passed, **{"port": 8765, **options})(scope, None, send)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as alone:  # where a browser of other tests runs no loop already
        alone.submit(asyncio.run, asked).result(20)
    return "passed" if sent[0]["type"] == "passed" else (sent[0]["status"], json.loads(sent[1]["body"])["code"])


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LocalHost:8765", "[::1]:8765"])
def test_the_names_of_this_machine_pass(host: str) -> None:
    assert outcome({"host": host}) == "passed"
    assert outcome({"host": host, "origin": f"http://{host.lower()}"}) == "passed"


def test_the_usual_port_may_be_left_out() -> None:
    assert outcome({"host": "localhost"}, port=80) == "passed"
    assert outcome({"host": "localhost", "origin": "https://localhost"}, port=443, secure=True) == "passed"
    assert outcome({"host": "localhost"}, port=443) == (403, "forbidden_host")
    assert outcome({"host": "localhost"}) == (403, "forbidden_host")


def test_the_address_that_was_connected_to_passes_and_no_other() -> None:
    reached = ("192.168.1.5", 8765)
    assert outcome({"host": "192.168.1.5:8765", "origin": "http://192.168.1.5:8765"}, at=reached) == "passed"
    assert outcome({"host": "192.168.1.6:8765"}, at=reached) == (403, "forbidden_host")
    assert outcome({"host": "192.168.1.5:8766"}, at=reached) == (403, "forbidden_host")
    assert outcome({"host": "[fe80::1]:8765"}, at=("fe80::1", 8765)) == "passed"
    assert outcome({"host": "192.168.1.5:8765"}, at=("::ffff:192.168.1.5", 8765)) == "passed"
    assert outcome({"host": "testserver:8765"}, at=("testserver", 8765)) == (403, "forbidden_host")


def test_a_name_that_was_allowed_passes_also_behind_a_proxy_that_encrypts() -> None:
    names = ("Photos.example.org", "nas:9000")
    assert outcome({"host": "photos.example.org", "origin": "https://photos.example.org"}, names=names) == "passed"
    assert outcome({"host": "photos.example.org:8765", "origin": "http://photos.example.org:8765"}, names=names) == "passed"
    assert outcome({"host": "nas:9000"}, names=names) == "passed"
    assert outcome({"host": "nas"}, names=names) == (403, "forbidden_host")
    assert outcome({"host": "photos.example.org", "origin": "https://nas:9000"}, names=names) == (403, "forbidden_origin")


def test_a_header_is_given_once() -> None:
    two = [(b"host", b"127.0.0.1:8765"), (b"host", b"evil.example")]
    assert outcome(two) == (400, "bad_request")
    origins = [(b"host", b"127.0.0.1:8765"), (b"origin", b"http://127.0.0.1:8765"), (b"origin", b"null")]
    assert outcome(origins) == (400, "bad_request")


def test_what_names_no_path_is_refused() -> None:
    for path in ("http://127.0.0.1:8765/", "*", "evil.example:443", "", "\\evil"):
        assert outcome({"host": "127.0.0.1:8765"}, path=path) == (400, "bad_request")


@pytest.mark.parametrize(
    ("site", "mode", "method", "path", "passes"),
    [
        ("same-origin", "cors", "POST", "/api/v1/uploads", True),
        ("none", "navigate", "GET", "/api/v1/collections", True),
        ("cross-site", "navigate", "GET", "/c/photos/search", True),  # a link in a letter
        ("same-site", "navigate", "GET", "/", True),
        ("cross-site", "navigate", "POST", "/", False),
        ("cross-site", "navigate", "GET", "/api/v1/collections", False),
        ("cross-site", "no-cors", "GET", "/static/icon.svg", False),
        ("same-site", "cors", "GET", "/api/v1/collections", False),  # a page of another port of this host
        ("nonsense", "navigate", "GET", "/api/v1/collections", False),
    ],
)
def test_where_a_request_comes_from(site: str, mode: str, method: str, path: str, passes: bool) -> None:
    headers = {"host": "127.0.0.1:8765", "sec-fetch-site": site, "sec-fetch-mode": mode}
    assert outcome(headers, method=method, path=path) == ("passed" if passes else (403, "forbidden_origin"))
