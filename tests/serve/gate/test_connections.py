"""Connections: slow clients, clients that leave, and too many of them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Bare = Callable[..., Any]
Say = Callable[..., Any]
Head = Callable[..., bytes]


def until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether something becomes true within these seconds."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_a_connection_that_says_nothing_is_closed(bare: Bare, say: Say) -> None:
    with bare(header_seconds=0.3) as site:
        said = say(site)
        assert (said.answer, said.closed) == (b"", True)
        assert 0.2 < said.seconds < 1.5


def test_headers_that_drip_are_not_waited_for(bare: Bare, say: Say) -> None:
    with bare(header_seconds=0.3) as site:
        said = say(site, b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 20, pause=0.1)
        assert (said.answer, said.closed) == (b"", True)


def test_a_second_request_has_the_same_time(bare: Bare, head: Head, say: Say) -> None:
    with bare(header_seconds=0.3) as site:
        said = say(site, head(site, "GET /api/v1/health"), b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 10, pause=0.1)
        assert said.answer.count(b"HTTP/1.1 ") == 1
        assert said.closed


def test_a_connection_without_requests_is_kept_a_while(bare: Bare, head: Head, say: Say) -> None:
    with bare(header_seconds=0.2, idle_seconds=1) as site:
        said = say(site, head(site, "GET /api/v1/health"), head(site, "GET /api/v1/ready"), pause=0.5)
        assert said.answer.count(b"HTTP/1.1 200") == 2
        assert said.closed
        assert 1.2 < said.seconds < 3


def test_the_rest_of_a_refused_body_is_thrown_away_for_a_while(bare: Bare, head: Head, say: Say) -> None:
    with bare(rest_seconds=0.5) as site:
        begin = head(site, "POST /api/v1/uploads", "Content-Length: 100000000")
        said = say(site, begin, *[b"x" * 1000] * 30, pause=0.05)
        assert said.status == 401
        assert said.closed
        assert said.seconds < 2.5


def test_a_client_that_reads_nothing_is_left(bare: Bare, head: Head) -> None:
    with bare(answer_seconds=0.5) as site:
        gone: list[bool] = []

        async def flood(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while not gone:
                await send({"type": "http.response.body", "body": b"x" * (1 << 20), "more_body": True})

        site.app.mount("/flood", flood)
        with socket.create_connection(("127.0.0.1", site.settings.port)) as connection:
            connection.sendall(head(site, "GET /flood/"))
            time.sleep(0.3)
            assert site.served.requests.in_progress == 1
            begun = time.monotonic()
            assert until(lambda: site.served.requests.in_progress == 0)
            assert time.monotonic() - begun < 2
        gone.append(True)


def test_work_ends_when_the_client_goes(bare: Bare, head: Head) -> None:
    with bare() as site:
        ended: list[str] = []

        async def wait(scope: Any, receive: Any, send: Any) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        site.app.mount("/wait", wait)
        with socket.create_connection(("127.0.0.1", site.settings.port)) as connection:
            connection.sendall(head(site, "GET /wait/"))
            assert until(lambda: site.served.requests.in_progress == 1)
        assert until(lambda: ended == ["cancelled"])
        assert until(lambda: site.served.requests.in_progress == 0)
        assert site.served.requests.ended["/wait", 499] == 1
        with site.client() as client:
            assert client.get("/health").status_code == 200


def test_more_connections_than_are_served_are_asked_to_come_again(bare: Bare, head: Head, say: Say) -> None:
    with bare(most_connections=2) as site:
        open_ones = [socket.create_connection(("127.0.0.1", site.settings.port)) for _ in range(2)]
        try:
            time.sleep(0.1)
            said = say(site, head(site, "GET /api/v1/health"))
            assert said.status == 503
            assert b"\r\nretry-after: 1\r\n" in said.answer
            assert b"\r\nx-content-type-options: nosniff\r\n" in said.answer
            assert b'"code": "busy"' in said.answer
            assert said.closed
            open_ones += [socket.create_connection(("127.0.0.1", site.settings.port)) for _ in range(2)]
            time.sleep(0.1)
            assert say(site, head(site, "GET /api/v1/health")).answer == b""
        finally:
            for connection in open_ones:
                connection.close()
        assert until(lambda: httpx.get(f"{site.address}/api/v1/health").status_code == 200)


@pytest.mark.parametrize("bad", [b"ZZ\r\n", b"5\r\nhelloX\r\n"])
def test_a_body_that_is_no_http_is_refused(bare: Bare, head: Head, say: Say, bad: bytes) -> None:
    with bare() as site:
        said = say(site, head(site, "POST /api/v1/session", "Content-Type: application/json", "Transfer-Encoding: chunked"), bad)
        assert said.status == 400
        assert said.closed


def test_requests_sent_together_are_answered_in_turn(bare: Bare, head: Head, say: Say) -> None:
    with bare() as site:
        one = head(site, "GET /api/v1/health")
        said = say(site, one * 20, wait=1.0)
        assert said.answer.count(b'{"status":"ok"}') == 20
