"""A host that does not answer is given up in seconds, whatever the network does with what is sent to it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from podoba.cache.reach import NetworkSettings, begin_to_reach, ensure_reachable
from podoba.errors import DownloadError

QUICK = NetworkSettings(answer=0.5)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        return int(made.getsockname()[1])


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port whose connections nobody takes: what is sent to it vanishes, as behind some firewalls."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen(0)
        port = int(made.getsockname()[1])
        waiting = []
        for _ in range(8):  # until the line of those that wait is full
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        yield port
        for one in waiting:
            one.close()


def lookups(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, int], Any]) -> None:
    def look_up(host: str, port: int, **_: object) -> Any:
        return answer(host, port)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def address(port: int) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))


def test_a_host_that_answers_is_reachable(listening: int) -> None:
    ensure_reachable(f"http://127.0.0.1:{listening}/x", settings=QUICK)
    begin_to_reach(f"http://127.0.0.1:{listening}/x", QUICK)
    ensure_reachable(f"http://127.0.0.1:{listening}/y", settings=QUICK)


def test_what_was_found_out_is_not_held_against_it_the_next_time(closed: int) -> None:
    with pytest.raises(DownloadError):
        ensure_reachable(f"http://127.0.0.1:{closed}/x", settings=QUICK)
    with socket.create_server(("127.0.0.1", closed)):
        ensure_reachable(f"http://127.0.0.1:{closed}/x", settings=QUICK)


def test_a_refused_connection_is_one_line_with_the_alternative(closed: int) -> None:
    with pytest.raises(DownloadError) as caught:
        ensure_reachable(f"http://127.0.0.1:{closed}/x", "put the file at /there", QUICK)
    text = str(caught.value)
    assert text.startswith(f"http://127.0.0.1:{closed}/x cannot be fetched (127.0.0.1 cannot be reached: Connection refused)")
    assert text.endswith("check the network and run again; or put the file at /there")
    assert "\n" not in text


def test_a_black_hole_is_given_up_in_time(black_hole: int) -> None:
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 does not answer within 0\.5 seconds"):
        ensure_reachable(f"http://127.0.0.1:{black_hole}/x", settings=QUICK)
    assert time.monotonic() - started < 2


def test_an_unknown_name_and_a_look_up_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    lookups(monkeypatch, unknown)
    with pytest.raises(DownloadError, match=r"the name of models\.example cannot be looked up"):
        ensure_reachable("https://models.example/x", settings=QUICK)
    for_ever = threading.Event()
    lookups(monkeypatch, lambda host, port: for_ever.wait(30))
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"models\.example does not answer within 0\.5 seconds"):
        ensure_reachable("https://models.example/x", settings=QUICK)
    assert time.monotonic() - started < 2
    for_ever.set()


def test_one_address_of_several_is_enough(monkeypatch: pytest.MonkeyPatch, listening: int, black_hole: int, closed: int) -> None:
    lookups(monkeypatch, lambda host, port: [address(black_hole), address(closed), address(listening)])
    ensure_reachable("https://models.example/x", settings=QUICK)
    lookups(monkeypatch, lambda host, port: [address(black_hole), address(closed)])
    with pytest.raises(DownloadError, match="does not answer"):
        ensure_reachable("https://models.example/x", settings=QUICK)


def test_the_proxy_is_asked_where_one_is_set(monkeypatch: pytest.MonkeyPatch, listening: int, closed: int) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listening}")
    ensure_reachable("https://models.invalid/x", settings=QUICK)  # whose name is the proxy's to look up
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{closed}")
    with pytest.raises(DownloadError, match=r"the proxy 127\.0\.0\.1 cannot be reached"):
        ensure_reachable("https://models.invalid/x", settings=QUICK)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    ensure_reachable(f"https://127.0.0.1:{listening}/x", settings=QUICK)
    monkeypatch.setenv("https_proxy", "http://proxy:port")
    with pytest.raises(DownloadError, match="the proxy that is set"):
        ensure_reachable("https://models.invalid/x", settings=QUICK)


@pytest.mark.parametrize("url", ["https://" + "a" * 70 + ".example/x", "http://a..b/x", "http://127.0.0.1:no/x"])
def test_an_address_that_none_can_have_is_one_line(url: str) -> None:
    with pytest.raises(DownloadError, match="cannot be fetched"):
        ensure_reachable(url, settings=QUICK)
