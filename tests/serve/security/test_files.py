"""What is read and told: paths in every disguise, pictures that are something else, and pictures that burst."""

from __future__ import annotations

import io
import os
import re
import struct
import sys
import threading
import urllib.parse
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

import podoba

pytestmark = pytest.mark.slow

UP = (
    "../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%2e%2e%5c", "..\\", "%252e%252e%252f", "..%252f", "%c0%ae%c0%ae%c0%af",
    "%e0%80%ae%e0%80%ae/", "..%c0%af", "..%u2215", "....//", "..;/", ".%2e/", "%2e./", "..%00/", "..%0d%0a/", "\u2025/",
)  # fmt: skip
TARGETS = ("etc/passwd", "secret.txt", "served/shapes.podoba")
WAYS = [up * times + target for up in UP for times, target in zip((12, 1, 2), TARGETS, strict=True)]  # 60
ADDRESSES = (
    "/static/WAY", "/static/core/WAY", "/c/WAY/search", "/WAY", "/api/v1/collections/WAY",
    "/api/v1/collections/shapes/items/WAY/original", "/api/v1/collections/shapes/items/WAY/thumbnail",
    "/api/v1/collections/shapes/results/WAY", "/api/v1/uploads/WAY/preview", "/api/v1/studies/WAY/report", "/api/v1/models/WAY",
    "/api/v1/jobs/WAY/skipped", "/api/v1/folders/0?path=WAY",
)  # fmt: skip


def roots(attacked: Any, shapes: Path) -> list[str]:
    """Where the server may read: the program, Python, the system's own, its cache, and what it serves."""
    program = Path(podoba.__file__).parent
    own = [program, sys.prefix, sys.base_prefix, os.environ["PODOBA_CACHE"], attacked.shown, shapes, Path(__file__).parent]
    return [*map(str, own), "/proc/", "/sys/", "/dev/", "/usr/", "/lib", "/etc/mime.types", "/etc/localtime", "/etc/ssl"]


def opened(lines: list[str]) -> set[str]:
    """Files that were opened, of the lines of a log."""
    found = (re.fullmatch(r"open b?(['\"])(.*)\1", line) for line in lines)
    return {match[2] for match in found if match}


def test_sixty_disguises_of_a_path_open_nothing(attacked: Any, shapes: Path) -> None:
    assert len(set(WAYS)) == 60
    (attacked.shown.parent / "secret.txt").write_text("a secret of somebody")
    (attacked.shown / "secret.txt").write_text("a secret of somebody")
    allowed = tuple(roots(attacked, shapes))
    with attacked.client() as client:
        client.get("/")
        mark = attacked.mark
        for way in WAYS:
            for address in ADDRESSES:
                request = client.build_request("GET", attacked.address)
                raw = (address.replace("WAY", way)).encode("utf-8")
                request.url = request.url.copy_with(raw_path=urllib.parse.quote_from_bytes(raw, safe="/%?=;:\\&").encode())
                answer = client.send(request)
                assert answer.status_code in (404, 410, 422) or address.startswith("/c/"), (address, way)  # a shell
                assert "secret of somebody" not in answer.text
                assert "root:" not in answer.text
        seen = opened(attacked.done_since(mark))
    assert {path for path in seen if path.startswith("/") and not path.startswith(allowed)} == set()
    assert not any("secret" in path or "passwd" in path for path in seen)


def test_items_of_files_that_have_changed_are_not_sent(
    attacked: Any, serve: Callable[..., Any], tmp_path: Path, shapes: Path
) -> None:
    from podoba.collection.collection import Collection

    picture = tmp_path / "pictures" / "one.jpg"
    picture.parent.mkdir()
    picture.write_bytes(next(shapes.rglob("*.jpg")).read_bytes())
    other = next(iter(sorted(shapes.rglob("*.jpg"), reverse=True)))
    with Collection.open(tmp_path / "one.podoba", create=True) as made:
        made.update([picture.parent], "small")
    with serve([tmp_path / "one.podoba"]) as site, site.client() as client:
        id_ = client.get("/collections/one/items").json()["items"][0]["id"]
        address = f"/collections/one/items/{id_}/original"
        assert client.get(address).status_code == 200
        picture.unlink()
        picture.symlink_to(other)
        assert client.get(address).status_code == 409
        picture.unlink()
        os.mkfifo(picture)
        assert client.get(address).status_code == 410
        picture.unlink()
        picture.symlink_to("/dev/zero")
        assert client.get(address).status_code == 410


def png(width: int, height: int, data: bytes = b"", *, chunks: bytes = b"") -> bytes:
    """A PNG of any size whose rows are all zero, packed as tightly as they can be; in grey."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    rows = packer.compress(data or bytes((width + 1) * height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunks + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def saved(size: tuple[int, int], kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("L" if kind != "GIF" else "P", size).save(out, kind, **options)
    return out.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: png(30_000, 30_000),
    "GIF": lambda: saved((16_000, 16_000), "GIF"),
    "TIFF": lambda: saved((20_000, 20_000), "TIFF", compression="tiff_adobe_deflate"),
    "WebP": lambda: saved((16_000, 16_000), "WEBP", lossless=True, quality=0, method=0),
    "JPEG": lambda: saved((30_000, 30_000), "JPEG", quality=1),
}


def memory(pid: int) -> int:
    """Bytes in memory of a process and of those that it started."""
    total = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += sum(memory(int(child)) for child in (task / "children").read_text(encoding="ascii").split())
    return total


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=[pytest.mark.thorough] * (kind != "PNG")) for kind in BOMBS])
def test_sixteen_bombs_at_once_do_no_harm(attacked: Any, kind: str, shapes: Path) -> None:
    bomb = BOMBS[kind]()
    assert len(bomb) < 16 << 20
    good = next(shapes.rglob("*.jpg")).read_bytes()
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            try:
                most = max(most, memory(attacked.pid))
            except OSError:  # a process ended while it was looked at
                continue

    def send(number: int) -> httpx.Response:
        with attacked.client() as client:  # each is another picture, else one answer would serve for all
            answer: httpx.Response = client.post(
                "/api/v1/uploads", content=bomb + bytes([number]), headers={"Content-Type": "image/png"}
            )
            return answer

    with attacked.client() as client:
        assert client.post("/api/v1/uploads", content=good, headers={"Content-Type": "image/jpeg"}).status_code == 200
        before = memory(attacked.pid)
        watcher = threading.Thread(target=watch)
        watcher.start()
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(send, range(16)))
        done.set()
        watcher.join()
        assert {answer.status_code for answer in answers} <= {422, 503}
        assert client.post("/api/v1/uploads", content=good + b" ", headers={"Content-Type": "image/jpeg"}).status_code == 200
    assert most - before < 300 << 20


SCRIPT = b"<script>alert(document.domain)</script>"
POLYGLOTS: dict[str, Callable[[bytes], bytes]] = {
    "page after a picture": lambda jpeg: jpeg + b"<html>" + SCRIPT,
    "page before a picture": lambda jpeg: b"<html>" + SCRIPT + jpeg,
    "script in a comment": lambda jpeg: jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg[2:],
    "archive after a picture": lambda jpeg: jpeg + b"PK\x03\x04" + bytes(200),
    "javascript that begins like GIF": lambda _: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "bitmap that is script": lambda _: b"BM=1;alert(1)//" + bytes(60),
    "svg": lambda _: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "svg that includes": lambda _: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "pdf": lambda _: b"%PDF-1.4\n/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
    "postscript": lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "mvg": lambda _: b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x.php'\npop graphic-context",
    "playlist": lambda _: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
    "pickle": lambda _: b"cos\nsystem\n(S'touch pwned'\ntR.",
    "fits": lambda _: b"SIMPLE  =                    T" + bytes(3000),
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_pictures_that_are_something_else_too(attacked: Any, kind: str, shapes: Path) -> None:
    data = POLYGLOTS[kind](next(shapes.rglob("*.jpg")).read_bytes())
    mark = attacked.mark
    with attacked.client() as client:
        for told in ("image/png", "image/svg+xml", "application/octet-stream"):
            answer = client.post("/api/v1/uploads", params={"name": "a.svg"}, content=data, headers={"Content-Type": told})
            assert answer.status_code in (200, 413, 422)
            if answer.status_code == 200:  # it is a picture, and nothing but its pixels comes back
                shown = client.get(f"/api/v1/uploads/{answer.json()['upload']}/preview")
                assert shown.headers["content-type"] == "image/jpeg"
                assert shown.headers["x-content-type-options"] == "nosniff"
                assert "sandbox" in shown.headers["content-security-policy"]
                assert b"alert" not in shown.content
                Image.open(io.BytesIO(shown.content)).load()
    done = attacked.done_since(mark)
    assert not any(line.startswith(("os.system", "pickle", "socket.connect", "socket.getaddrinfo")) for line in done)
    assert not any("passwd" in line for line in done)


def test_no_answer_names_a_path(attacked: Any, stranger: httpx.Client, shapes: Path) -> None:
    with attacked.client() as client:
        described = client.get("/api/v1/openapi.json").json()["paths"]
        item = client.get("/api/v1/collections/shapes/items?k=1").json()["items"][0]
        found = client.post("/api/v1/collections/shapes/search", json={"query": [{"item": item["id"]}]}).json()
        values = {
            "name": "shapes",
            "id": item["id"],
            "query_id": found["query_id"],
            "sha256": "0" * 64,
            "root": "0",
            "number": "1",
        }
        answers = [client.get("/"), stranger.get("/api/v1/session")]
        for path, methods in described.items():
            if path.endswith("/events"):
                continue
            for wrong in (False, True):
                address = re.sub(r"\{(\w+)\}", lambda match: "~/x" if wrong else values.get(match[1], "x"), path)  # noqa: B023
                for method in methods:
                    answers.append(client.request(method, address, json={"collection": "shapes", "kind": "index"}))
                    answers.append(client.request(method, f"{address}?where=uri&sort=uri&path=/etc&by=uri"))
    hidden = [str(shapes.parent), str(attacked.shown), "/tmp/", "/home/", "site-packages", str(Path(podoba.__file__).parent)]
    hidden += ["Traceback", "podoba index", "podoba check", "--", os.environ["PODOBA_CACHE"]]
    told = [answer for answer in answers if re.search("text|json", answer.headers.get("content-type", ""))]
    named = {(answer.request.method, answer.url.path, word) for answer in told for word in hidden if word in answer.text}
    assert {one for one in named if one[2] != "--" or one[1] != "/"} == set()
    assert all(answer.status_code != 500 for answer in answers)


def test_nothing_is_asked_of_other_machines_and_nothing_is_unpickled(attacked: Any) -> None:
    """Over all that the tests of this folder did before."""
    done = attacked.done_since(0)
    assert len(done) > 100
    outside = {line for line in done if line.startswith(("socket.", "os.system", "pickle."))}
    assert outside - {"socket.getaddrinfo '127.0.0.1'"} == set()  # its own address, at its start
    sources = Path(podoba.__file__).parent.joinpath("serve").rglob("*.py")
    assert [
        path.name for path in sources if re.search(r"\b(pickle|marshal|shelve|dill)\b", path.read_text(encoding="utf-8"))
    ] == []
