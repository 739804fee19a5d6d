"""A bucket of as many names as one likes: the part of S3 that lists names, answered from their count; nothing is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

IN_A_FOLDER = 1000
PAGE = 1000  # as many names as S3 gives at a time
HEAD = '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>endless</Name>'


@contextmanager
def endless_bucket(count: int) -> Iterator[str]:
    """The address of a server with a bucket `endless` of so many names, photos/0000000/000000000.jpg and so on."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            told = {name: values[0] for name, values in asked.items()}
            start, most = int(told.get("continuation-token", "0")), int(told.get("max-keys", str(PAGE)))
            self._answer(200, page(count, told.get("prefix", ""), told.get("delimiter", ""), start, most).encode())

        def do_HEAD(self) -> None:
            self._answer(404, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def page(count: int, prefix: str, delimiter: str, start: int, most: int) -> str:
    """A page of the answer to ListObjectsV2.

    Args:
        prefix: empty, `photos/`, or a folder below it; of others there is nothing.
        start: number of the first name, or of the first folder, from the beginning of all that has the prefix.
    """
    folders = -(-count // IN_A_FOLDER)
    if prefix == "" and delimiter:
        return _written([], ["photos/"][start:], None)
    if prefix in ("", "photos/") and delimiter:
        stop = min(folders, start + most)
        return _written([], [f"photos/{folder:07d}/" for folder in range(start, stop)], stop if stop < folders else None)
    first, end = _range_of(prefix, count)
    stop = min(end, first + start + most)
    return _written(list(range(first + start, stop)), [], stop - first if stop < end else None)


def _range_of(prefix: str, count: int) -> tuple[int, int]:
    """The names that have a prefix."""
    if prefix in ("", "photos/"):
        return 0, count
    folder = prefix.removeprefix("photos/").removesuffix("/")
    if not folder.isdigit() or not prefix.endswith("/"):
        return 0, 0
    return min(count, int(folder) * IN_A_FOLDER), min(count, (int(folder) + 1) * IN_A_FOLDER)


def _written(names: list[int], folders: list[str], following: int | None) -> str:
    files = "".join(map(_file, names))
    common = "".join(f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in folders)
    more = "" if following is None else f"<NextContinuationToken>{following}</NextContinuationToken>"
    facts = (
        f"<KeyCount>{len(names) + len(folders)}</KeyCount><IsTruncated>{'false' if following is None else 'true'}</IsTruncated>"
    )
    return f"{HEAD}{facts}{files}{common}{more}</ListBucketResult>"


def _file(name: int) -> str:
    return (
        f"<Contents><Key>photos/{name // IN_A_FOLDER:07d}/{name:09d}.jpg</Key><Size>{2_000_000 + name % 1000}</Size>"
        f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;{name:032x}&quot;</ETag></Contents>"
    )
