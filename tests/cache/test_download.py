from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from podoba.cache.download import download
from podoba.cache.reach import NetworkSettings
from podoba.errors import DownloadError

CONTENT = bytes(range(256)) * 4000


class Handler(BaseHTTPRequestHandler):
    ranges: list[str | None]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        last = self.path.rpartition("/")[2]
        if last.isdigit():
            self.send_error(int(last))
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        body = CONTENT[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/broken" else body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.ranges = []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_fetches_checks_and_reports(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    checksum = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    path = download(f"{server}/a", tmp_path / "deep" / "a", checksum=checksum, progress=lambda _, d, t: seen.append((d, t)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_goes_on_where_it_was_broken_off(server: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        download(f"{server}/broken", tmp_path / "a")
    assert not (tmp_path / "a").exists()
    part = (tmp_path / "a.part").stat().st_size
    assert 0 < part < len(CONTENT)
    download(f"{server}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert Handler.ranges[-1] == f"bytes={part}-"


def test_a_wrong_checksum_is_refused(server: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="sha256"):
        download(f"{server}/a", tmp_path / "a", checksum="sha256:00")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, r"its host has no such file \(404\): check the name"),
        (401, r"its host refuses it \(401\): it may need an account"),
        (403, r"its host refuses it \(403\)"),
        (429, "answers with status 429: try again later"),
        (503, "answers with status 503: try again later"),
    ],
)
def test_a_refusal_says_what_it_means(server: str, tmp_path: Path, status: int, says: str) -> None:
    with pytest.raises(DownloadError, match=f"{says}.*; or put it there by hand$") as caught:
        download(f"{server}/{status}", tmp_path / "a", alternative="put it there by hand")
    assert "\n" not in str(caught.value)
    assert len(Handler.ranges) == 1  # asked once
    assert list(tmp_path.iterdir()) == []


def test_unreachable_names_the_alternative(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"check the network and run again; or put the files by hand$"):
        download("http://127.0.0.1:9/x", tmp_path / "a", alternative="put the files by hand")


def test_a_host_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(DownloadError, match="check the network and run again"):
            download(f"http://127.0.0.1:{silent.getsockname()[1]}/x", tmp_path / "a", settings=NetworkSettings(1.0, 0.3))
        assert time.monotonic() - started < 5


def test_a_proxy_that_cannot_be_used_is_one_line(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"{server}/")
    with pytest.raises(DownloadError, match=r"its host has no such file \(404\)"):
        download("http://models.invalid/404", tmp_path / "a")  # the proxy answers
    monkeypatch.setenv("http_proxy", server.replace("http://", "socks9://"))
    with pytest.raises(DownloadError, match=r"models\.invalid/x cannot be fetched"):
        download("http://models.invalid/x", tmp_path / "a")
