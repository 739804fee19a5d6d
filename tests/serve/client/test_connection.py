"""Finding a server, asking a busy one again, and what is said where something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from podoba.errors import PodobaError
from podoba.serve.client.connection import Connection, ServerError, find_server
from podoba.serve.runtime_file import Running, announced

PROBLEM = b'{"status": 503, "code": "busy", "detail": "come back later", "queue": 7}'
Answer = tuple[int, dict[str, str], bytes]


class StandIn(ThreadingHTTPServer):
    """Gives prepared answers, one after the other, the last one again and again; notes what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str, str | None]] = []

    def connect(self, patience: float = 30) -> Connection:
        return Connection(f"http://127.0.0.1:{self.server_port}", "secret", timeout=10, patience=patience, verify=True)


class Handler(BaseHTTPRequestHandler):
    """One request of the stand-in."""

    server: StandIn

    def do_GET(self) -> None:
        """Answer as prepared."""
        self.server.asked.append((self.command, self.path, self.headers["Authorization"]))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, body = self.server.answers[0]
        if len(self.server.answers) > 1:
            self.server.answers.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    threading.Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_busy_server_is_asked_again(stand_in: StandIn) -> None:
    busy: Answer = (503, {"Retry-After": "0"}, PROBLEM)
    stand_in.answers = [busy, busy, (200, {}, b'{"hits": []}')]
    assert stand_in.connect().post("/collections/a/search", {"k": 3}) == {"hits": []}
    assert stand_in.asked == 3 * [("POST", "/api/v1/collections/a/search", "Bearer secret")]


def test_patience_ends(stand_in: StandIn) -> None:
    stand_in.answers = [(503, {"Retry-After": "60"}, PROBLEM)]
    with pytest.raises(ServerError, match="come back later") as refused:
        stand_in.connect(patience=1).get("/jobs")
    assert (refused.value.status, refused.value.code, refused.value.more) == (503, "busy", {"status": 503, "queue": 7})
    assert len(stand_in.asked) == 1


def test_what_does_not_say_when_to_come_back_is_an_error_at_once(stand_in: StandIn) -> None:
    stand_in.answers = [(503, {}, PROBLEM)]
    with pytest.raises(PodobaError):
        stand_in.connect().get("/jobs")
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"detail": "no code"}'])
def test_an_answer_that_is_no_problem_of_ours(stand_in: StandIn, body: bytes) -> None:
    stand_in.answers = [(502, {}, body)]
    with pytest.raises(ServerError, match="answered 502") as refused:
        stand_in.connect().get("/jobs")
    assert refused.value.code == "refused"


def test_none_is_left_out_of_a_query(stand_in: StandIn) -> None:
    stand_in.answers = [(200, {}, b"{}")]
    stand_in.connect().get("/items", where=None, sort="-name")
    assert stand_in.asked[0][1] == "/api/v1/items?sort=-name"


def test_events_until_the_stream_ends_and_a_stream_that_breaks(stand_in: StandIn) -> None:
    stream = b'retry: 500\n\nid: 3\nevent: state\ndata: {"a": 1}\n\n: nothing new\n\nid: 4\nevent: state\ndata: {"a": 2}\n\n'
    stand_in.answers = [(200, {"Content-Type": "text/event-stream"}, stream)]
    connection = stand_in.connect()
    assert list(connection.events("/jobs/1/events", None)) == [("3", '{"a": 1}'), ("4", '{"a": 2}')]
    stand_in.answers = [(200, {"Content-Length": "500"}, stream)]
    found = connection.events("/jobs/1/events", None)
    assert next(found) == ("3", '{"a": 1}')
    with pytest.raises(ServerError) as broken:
        list(found)
    assert broken.value.code == "unreachable"
    stand_in.answers = [(404, {}, b'{"code": "unknown_job", "detail": "there is no such job"}')]
    with pytest.raises(ServerError, match="no such job"):
        list(connection.events("/jobs/1/events", "4"))


def test_no_server_is_one_line_that_says_how_to_start_one(stand_in: StandIn) -> None:
    connection = stand_in.connect()
    stand_in.shutdown()
    stand_in.server_close()
    with pytest.raises(ServerError, match="podoba serve") as gone:
        connection.get("/jobs")
    assert "\n" not in str(gone.value)


def test_servers_are_found_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_RUNTIME", str(tmp_path))
    with pytest.raises(ServerError, match="no server runs"):
        find_server(None, None)
    first = Running("http://127.0.0.1:1001", "one", 1, 1.0, {})
    second = Running("http://127.0.0.1:1002", "two", 2, 2.0, {})
    with announced(first), announced(second):
        assert find_server(None, None) == ("http://127.0.0.1:1002", "two")
        assert find_server("http://127.0.0.1:1001", None) == ("http://127.0.0.1:1001", "one")
        assert find_server("http://127.0.0.1:1001/#token=three", None) == ("http://127.0.0.1:1001", "three")
        assert find_server("http://127.0.0.1:1001/#token=three", "four") == ("http://127.0.0.1:1001", "four")


@pytest.mark.parametrize("link", ["photos.podoba", "file:///etc/passwd", "http://"])
def test_what_is_no_address(link: str) -> None:
    with pytest.raises(ServerError, match="no address"):
        find_server(link, "token")


def test_a_token_is_needed() -> None:
    with pytest.raises(ServerError, match="token"):
        find_server("http://elsewhere.example:8765", None)
