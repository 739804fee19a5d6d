from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from podoba.cache.download import Terms, download
from podoba.cache.reach import NetworkSettings
from podoba.errors import DownloadError

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


ONCE = Terms(settings=NetworkSettings(tries=1))
PATIENT = NetworkSettings(tries=3, pause=0.0)


class Handler(BaseHTTPRequestHandler):
    """`/a`, with a version; `/broken`, half of what is asked for; `/plain`, without version or parts; a number: that status."""

    ranges: list[str | None]
    version = '"1"'

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        last = self.path.rpartition("/")[2]
        if last.isdigit():
            self.send_error(int(last))
            return
        if self.headers.get("If-Range") not in (None, self.version) or last.startswith("plain"):
            wanted = None
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[start:]
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start + (last == 'elsewhere')}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if not last.startswith("plain"):
            self.send_header("ETag", self.version)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if last.endswith("broken") else body)

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
    with pytest.raises(DownloadError, match=r"broken off: .*: check the network and run again"):
        download(f"{server}/broken", tmp_path / "a", terms=ONCE)
    assert not (tmp_path / "a").exists()
    (left,) = tmp_path.glob("a.*.part")
    part = left.stat().st_size
    assert part == len(CONTENT) // 2
    download(f"{server}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert Handler.ranges == [None, None, f"bytes={part}-"]  # the second one learned the version
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_is_broken_off_is_asked_for_again(server: str, tmp_path: Path) -> None:
    checksum = f"sha256:{SHA256}"
    with pytest.raises(DownloadError, match="broken off"):
        download(f"{server}/broken", tmp_path / "a", checksum=checksum, terms=Terms(settings=PATIENT))
    part = tmp_path / f"a.{SHA256}.part"
    assert part.read_bytes() == CONTENT[: len(CONTENT) * 7 // 8]
    assert len(Handler.ranges) == 3
    assert download(f"{server}/a", tmp_path / "a", checksum=checksum).read_bytes() == CONTENT
    assert Handler.ranges[-1] == f"bytes={len(CONTENT) * 7 // 8}-"


def test_what_is_left_of_another_version_is_not_gone_on_with(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DownloadError):
        download(f"{server}/broken", tmp_path / "a", terms=ONCE)
    (left,) = tmp_path.glob("*.part")
    monkeypatch.setattr(Handler, "version", '"2"')
    download(f"{server}/a", tmp_path / "a")
    assert Handler.ranges == [None, None]
    assert (tmp_path / "a").read_bytes() == CONTENT
    with pytest.raises(DownloadError):
        download(f"{server}/plain-broken", tmp_path / "b", terms=ONCE)
    assert (tmp_path / "b.part").exists()
    download(f"{server}/plain", tmp_path / "b")  # nothing says whether it is the same file
    assert Handler.ranges[-1] is None
    assert (tmp_path / "b").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a", "b", left.name])


@pytest.mark.parametrize("garbage", [b"garbage", b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
def test_garbage_in_a_part_never_becomes_the_file(server: str, tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / f"a.{SHA256}.part").write_bytes(garbage)
    download(f"{server}/a", tmp_path / "a", checksum=f"sha256:{SHA256}", size=len(CONTENT))
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_host_without_parts_sends_the_whole_file(server: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{SHA256}.part").write_bytes(CONTENT[:1000])
    download(f"{server}/plain", tmp_path / "a", checksum=f"sha256:{SHA256}")
    assert Handler.ranges == ["bytes=1000-"]
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_another_part_than_was_asked_for_is_refused(server: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{SHA256}.part").write_bytes(CONTENT[:1000])
    with pytest.raises(DownloadError, match="another part of the file"):
        download(f"{server}/elsewhere", tmp_path / "a", checksum=f"sha256:{SHA256}")


@pytest.mark.parametrize("checksum", ["sha256:00", "git:00", "md5:00"])
def test_a_wrong_checksum_is_refused(server: str, tmp_path: Path, checksum: str) -> None:
    with pytest.raises(DownloadError, match=f"the file's {checksum[:3]}.* published is 00: it was removed"):
        download(f"{server}/a", tmp_path / "a", checksum=checksum)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DownloadError, match=r"has 1024000 bytes, published are 5: it was removed"):
        download(f"{server}/a", tmp_path / "a", size=5)
    assert list(tmp_path.iterdir()) == []


def test_a_blob_of_git_is_known_by_its_name(server: str, tmp_path: Path) -> None:
    name = hashlib.sha1(f"blob {len(CONTENT)}\0".encode() + CONTENT).hexdigest()
    assert download(f"{server}/a", tmp_path / "a", checksum=f"git:{name}").read_bytes() == CONTENT


def test_a_full_disk_is_said_before_and_while_it_fills(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
        with pytest.raises(DownloadError, match=r"1\.0 MB more than the disk .* has room for: make room .*, it goes on"):
            download(f"{server}/a", tmp_path / "a")
    if Path("/dev/full").exists():
        (tmp_path / f"b.{SHA256}.part").symlink_to("/dev/full")
        with pytest.raises(DownloadError, match="has room for"):
            download(f"{server}/a", tmp_path / "b", checksum=f"sha256:{SHA256}")


@pytest.mark.parametrize(
    ("status", "says", "asked"),
    [
        (404, r"its host has no such file \(404\): check the name", 1),
        (401, r"its host refuses it \(401\): it may need an account", 1),
        (403, r"its host refuses it \(403\)", 1),
        (407, r"the proxy wants a name and a password \(407\)", 1),
        (429, r"was asked too often \(429\): wait some minutes", 3),
        (503, r"has a fault of its own \(503\): try again later", 3),
        (418, "answers with status 418: try again later", 1),
    ],
)
def test_a_refusal_says_what_it_means(server: str, tmp_path: Path, status: int, says: str, asked: int) -> None:
    terms = Terms(alternative="put it there by hand", settings=PATIENT)
    with pytest.raises(DownloadError, match=f"{says}.*; or put it there by hand$") as caught:
        download(f"{server}/{status}", tmp_path / "a", terms=terms)
    assert "\n" not in str(caught.value)
    assert len(Handler.ranges) == asked
    assert list(tmp_path.iterdir()) == []


def test_unreachable_names_the_alternative(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"check the network and run again; or put the files by hand$"):
        download("http://127.0.0.1:9/x", tmp_path / "a", terms=Terms(alternative="put the files by hand"))


def test_a_host_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        terms = Terms(settings=NetworkSettings(1.0, 0.3))
        with pytest.raises(DownloadError, match="check the network and run again"):
            download(f"http://127.0.0.1:{silent.getsockname()[1]}/x", tmp_path / "a", terms=terms)
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
