"""Bytes of remote pictures, and whose pictures are not fetched."""

from __future__ import annotations

import http.server
import pickle
import threading
from collections.abc import Callable, Iterator

import pytest

from podoba.errors import UnreadableImage
from podoba.images.locate import find_record
from podoba.images.remote.reading import HOSTS, ImageAway, read_head, read_remote, refuse_unnamed_host

Put = Callable[[str, bytes], str]


@pytest.fixture
def web() -> Iterator[str]:
    """A web server on loopback: `/a.jpg` are ten bytes, `/busy` answers 503, and `/to` leads to `/a.jpg`."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = {"/a.jpg": 200, "/busy": 503, "/to": 302}.get(self.path, 404)
            self.send_response(code)
            self.send_header("Location", "/a.jpg")
            self.send_header("Content-Length", "10" if code == 200 else "0")
            self.end_headers()
            self.wfile.write(b"0123456789" if code == 200 else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_file_is_read_up_to_its_bound(put: Put) -> None:
    address = put("in/a.jpg", b"0123456789")
    assert read_remote(address, 10) == b"0123456789"
    assert read_head(address, 4) == b"0123"
    with pytest.raises(UnreadableImage, match="10 bytes, more than 9 are refused"):
        read_remote(address, 9)
    with pytest.raises(UnreadableImage, match="not there"):
        read_remote(f"{address}.gone", 9)


def test_a_web_address_is_read_up_to_its_bound(web: str) -> None:
    assert read_remote(f"{web}/a.jpg", 10) == read_remote(f"{web}/to", 10) == b"0123456789"
    with pytest.raises(UnreadableImage, match="more than 9 bytes are refused"):
        read_remote(f"{web}/a.jpg", 9)
    with pytest.raises(UnreadableImage, match="answers 404") as caught:
        read_remote(f"{web}/none", 9)
    assert not isinstance(caught.value, ImageAway)


def test_a_server_that_is_away_is_no_damaged_image(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    for address in (f"{web}/busy", "http://127.0.0.1:9/a.jpg"):
        with pytest.raises(ImageAway, match="cannot be reached") as caught:
            read_remote(address, 9)
        assert isinstance(pickle.loads(pickle.dumps(caught.value)), ImageAway)


def test_a_collection_reaches_no_host_that_nobody_named(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"{web}/a.jpg"
    for inside in ("", "!/x.png", "/x.zip!/a.png"):
        with pytest.raises(UnreadableImage, match=f"not fetched for a collection: allow it by {HOSTS}=127.0.0.1"):
            find_record(f"{uri}{inside}").open()
    monkeypatch.setenv(HOSTS, "example.org, 127.0.0.1")
    assert find_record(uri).open() == b"0123456789"
    with pytest.raises(UnreadableImage):
        refuse_unnamed_host("http://169.254.169.254/latest/meta-data")
    refuse_unnamed_host("s3://bucket/a.jpg")
