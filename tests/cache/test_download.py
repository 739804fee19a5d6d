from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from podoba.cache.download import download
from podoba.errors import DownloadError

CONTENT = bytes(range(256)) * 4000


class Handler(BaseHTTPRequestHandler):
    ranges: list[str | None]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        if self.path == "/missing":
            self.send_error(404)
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


@pytest.mark.parametrize("place", ["/missing", None])
def test_unreachable_names_the_alternative(server: str, tmp_path: Path, place: str | None) -> None:
    url = f"{server}{place}" if place else "http://127.0.0.1:9/x"
    with pytest.raises(DownloadError, match="put the files by hand") as caught:
        download(url, tmp_path / "a", alternative="put the files by hand")
    assert "\n" not in str(caught.value)
