"""Bodies: how large, and how slow."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")


@pytest.fixture(scope="module")
def hurried(bare: Callable[..., Any]) -> Iterator[Any]:
    """A server without patience."""
    with bare(body_seconds=0.5, body_rate=1000, largest_json=2000, rest_seconds=0.5) as site:
        yield site


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_body_may_have_the_size_that_is_allowed_and_no_byte_more(hurried: Any) -> None:
    with hurried.client() as client:
        headers = {"Content-Type": "application/json"}
        body = json.dumps({"token": "x"}).encode()
        fits = client.post("/session", content=body.ljust(2000), headers=headers)
        large = client.post("/session", content=body.ljust(2001), headers=headers)
        unannounced = client.post("/session", content=iter([body.ljust(2000), b" "]), headers=headers)
    assert fits.json()["code"] == "unauthorized"
    for answer in (large, unannounced):
        assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "too_large", 2000)


def test_pictures_may_be_larger(hurried: Any) -> None:
    with hurried.client() as client:
        for kind in ("image/jpeg", "application/octet-stream", "multipart/form-data; boundary=x"):
            assert client.post("/session", content=b"x" * 3000, headers={"Content-Type": kind}).status_code != 413
        assert client.post("/session", content=b"x" * 3000, headers={"Content-Type": "text/plain"}).status_code == 413


def test_a_large_body_is_refused_before_it_is_sent(hurried: Any, say: Callable[..., Any], head: Callable[..., bytes]) -> None:
    said = say(hurried, head(hurried, "POST /api/v1/session", "Content-Type: application/json", "Content-Length: 100000000"))
    assert said.status == 413
    assert said.closed
    assert said.seconds < 2


@pytest.mark.parametrize("headers", [CHUNKED, ("Content-Type: application/json", "Content-Length: 1500")])
def test_a_body_that_stops_is_not_waited_for(
    hurried: Any, say: Callable[..., Any], head: Callable[..., bytes], headers: tuple[str, ...]
) -> None:
    said = say(hurried, head(hurried, "POST /api/v1/session", *headers))
    assert said.status == 408
    assert b'"code": "too_slow"' in said.answer
    assert said.closed
    assert 0.4 < said.seconds < 2


def test_a_body_that_drips_is_not_waited_for(hurried: Any, say: Callable[..., Any], head: Callable[..., bytes]) -> None:
    said = say(hurried, head(hurried, "POST /api/v1/session", *CHUNKED), *[chunk(b" ")] * 20, pause=0.1)
    assert said.status == 408
    assert said.closed


def test_a_slow_body_that_comes_on_is_taken(hurried: Any, say: Callable[..., Any], head: Callable[..., bytes]) -> None:
    pieces = [chunk(b" " * 300)] * 5 + [chunk(b'{"token":"x"}'), b"0\r\n\r\n"]
    said = say(hurried, head(hurried, "POST /api/v1/session", *CHUNKED), *pieces, pause=0.2, wait=0.5)
    assert said.status == 401  # read whole: the token is wrong
    assert said.seconds > 1


def test_a_body_where_none_is_expected_does_no_harm(hurried: Any) -> None:
    with hurried.client() as client:
        answer: httpx.Response = client.request("GET", "/session", content=b"x" * 1000)
        assert answer.status_code == 200
        assert client.get("/session").status_code == 200


def test_the_bodies_of_all_requests_have_a_limit_too(bare: Callable[..., Any], head: Callable[..., bytes]) -> None:
    with bare(most_held=250_000, body_seconds=3) as site:
        begin = head(site, "POST /api/v1/session", "Content-Type: application/json", "Content-Length: 200000")
        with socket.create_connection(("127.0.0.1", site.settings.port)) as first:
            first.sendall(begin + b" " * 199_000)
            time.sleep(0.3)
            with site.client() as client:
                headers = {"Content-Type": "application/json"}
                answer = client.post("/session", content=b" " * 100_000, headers=headers)
                assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "1")
                assert client.post("/session", content=b" " * 10_000, headers=headers).status_code == 422
        time.sleep(0.3)
        with site.client() as client:
            assert client.post("/session", content=b" " * 100_000, headers=headers).status_code == 422
