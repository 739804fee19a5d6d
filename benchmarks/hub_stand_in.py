"""A hub of models on this machine: repositories of small files, served as the hub of Hugging Face serves its own.

Large files (`.onnx`, external data) are sent from another host, as from a content network; small ones by a redirection within the
hub. Revisions, commits, checksums, gates, private repositories, parts of files and the usual faults are there; what was asked is
noted.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".onnx", ".onnx_data", ".data", ".safetensors", ".bin")


@dataclass
class Repository:
    """A repository: its files at each commit, and names of commits.

    Attributes:
        names: branches and tags, and the commit of each.
        gated, private: who may have its files: those with the token of the stand-in; of a private one others learn nothing.
    """

    licence: str | None = None
    gated: bool = False
    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked, and of whom: `hub` or `files`, the content network."""

    host: str
    method: str
    path: str
    headers: Mapping[str, str]


class HubStandIn:
    """The stand-in; `faults` and the switches may be changed while it runs.

    Attributes:
        endpoint: its address, for `HF_ENDPOINT`.
        token: whoever shows it may have gated and private repositories.
        faults: by the end of a path: what happens to the next requests of it, a status or `short` (half of the bytes).
        ranges, lists, tells_checksums: whether parts of files are sent, files are listed, checksums are told.
    """

    def __init__(self) -> None:
        self.token = "hf_stand_in"
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.faults: dict[str, list[int | str]] = {}
        self.ranges = self.lists = self.tells_checksums = True
        self._servers = [_serve(self, host) for host in ("hub", "files")]
        self.endpoint = f"http://127.0.0.1:{self._servers[0].server_port}"
        self.files = f"http://localhost:{self._servers[1].server_port}"

    def add(self, name: str, files: Mapping[str, bytes], *, revision: str = "main", **facts: Any) -> str:
        """Put a commit into a repository, which is made where it is not there; the hash of the commit."""
        repository = self.repositories.setdefault(name, Repository(**facts))
        parts = [f"{path} {hashlib.sha256(content).hexdigest()}" for path, content in sorted(files.items())]
        commit = hashlib.sha1("\n".join([name, *parts]).encode()).hexdigest()
        repository.commits[commit] = dict(files)
        repository.names[revision] = commit
        return commit

    def asked(self, host: str = "", method: str = "", end: str = "") -> list[Request]:
        """Requests of a host, a method and the end of a path; of all where one is left out."""
        return [
            request for request in self.requests
            if host in ("", request.host) and method in ("", request.method) and urlsplit(request.path).path.endswith(end)
        ]  # fmt: skip

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


@contextmanager
def hub_stand_in() -> Iterator[HubStandIn]:
    """A stand-in that is stopped at the end."""
    made = HubStandIn()
    try:
        yield made
    finally:
        made.close()


def _serve(hub: HubStandIn, host: str) -> ThreadingHTTPServer:
    class Handler(_Handler):
        stand_in = hub
        name = host

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    stand_in: HubStandIn
    name: str

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.stand_in.requests.append(Request(self.name, self.command, self.path, dict(self.headers)))
        path = unquote(urlsplit(self.path).path)
        fault = self._fault(path)
        if isinstance(fault, int):
            self._send(fault)
        elif self.name == "files":
            self._send_file(self._content(path.removeprefix("/")), short=fault == "short")
        elif path.startswith("/api/models/"):
            self._list(path.removeprefix("/api/models/"))
        elif path.startswith("/resolved/"):
            self._send_file(self._content(path.removeprefix("/resolved/")), short=fault == "short")
        else:
            self._resolve()

    def _list(self, path: str) -> None:
        name, _, revision = path.partition("/revision/")
        found = self._open(name, revision, files=False) if self.stand_in.lists else None
        if found is None:
            if not self.stand_in.lists:
                self._send(404)
            return
        repository, commit = found
        facts = {
            "id": name, "sha": commit, "gated": "manual" if repository.gated else False, "private": repository.private,
            "cardData": {"license": repository.licence} if repository.licence else {},
            "siblings": [{"rfilename": path} for path in repository.commits[commit]],
        }  # fmt: skip
        self._send(200, json.dumps(facts).encode(), {"Content-Type": "application/json"})

    def _resolve(self) -> None:
        name, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/resolve/")
        revision, _, path = rest.partition("/")
        revision, path = unquote(revision), unquote(path)
        found = self._open(name, revision, files=True)
        if found is None:
            return
        repository, commit = found
        content = repository.commits[commit].get(path)
        if content is None:
            self._send(404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        told = {"X-Repo-Commit": commit}
        large = path.endswith(LARGE)
        mark = hashlib.sha256(content) if large else hashlib.sha1(f"blob {len(content)}\0".encode() + content)
        if self.stand_in.tells_checksums:
            told |= {"X-Linked-Etag": f'"{mark.hexdigest()}"', "X-Linked-Size": str(len(content))}
        if large:
            self._send(302, headers={**told, "Location": f"{self.stand_in.files}/{name}/{commit}/{path}"})
        else:
            self._send(307, headers={**told, "Location": f"/resolved/{name}/{commit}/{path}"})

    def _open(self, name: str, revision: str, *, files: bool) -> tuple[Repository, str] | None:
        """A repository and a commit, as far as whoever asks may have them; None where the refusal was sent."""
        known = self.headers.get("Authorization") == f"Bearer {self.stand_in.token}"
        repository = self.stand_in.repositories.get(name)
        if repository is None or (repository.private and not known):
            self._send(404 if known else 401, headers={"X-Error-Code": "RepoNotFound"})
            return None
        commit = repository.names.get(revision, revision)
        if commit not in repository.commits:
            self._send(404, headers={"X-Error-Code": "RevisionNotFound"})
            return None
        if files and repository.gated and not known:
            self._send(403 if "Authorization" in self.headers else 401, headers={"X-Error-Code": "GatedRepo"})
            return None
        return repository, commit

    def _content(self, path: str) -> bytes:
        owner, name, commit, file = path.split("/", 3)
        return self.stand_in.repositories[f"{owner}/{name}"].commits[commit][file]

    def _send_file(self, content: bytes, *, short: bool) -> None:
        mark = f'"{hashlib.md5(content).hexdigest()}"'
        wanted = self.headers.get("Range") if self.stand_in.ranges else None
        if wanted is not None and self.headers.get("If-Range") not in (None, mark):
            wanted = None
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        headers = {"ETag": mark}
        if start and start >= len(content):
            self._send(416, headers={**headers, "Content-Range": f"bytes */{len(content)}"})
            return
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if wanted else 200, content[start:], headers, short=short)

    def _fault(self, path: str) -> int | str | None:
        for end, faults in self.stand_in.faults.items():
            if path.endswith(end) and faults:
                return faults.pop(0)
        return None

    def _send(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, *, short: bool = False) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[: len(body) // 2] if short else body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
