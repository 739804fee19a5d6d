"""Fetching of published files: resumed, checked, and put in place only when whole."""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podoba.cache.reach import SETTINGS, NetworkSettings, ensure_reachable, unreachable
from podoba.errors import DownloadError
from podoba.progress import OnProgress, silent

BUSY = (408, 429, 500, 502, 503, 504)  # answers after which another try may have another one

Refusal = Callable[[int, Mapping[str, str]], str]  # what a status and the headers beside it mean, and what to do


def in_words(status: int, headers: Mapping[str, str]) -> str:
    """What an HTTP status means for a person, and what to do."""
    if status == 407:
        return "the proxy wants a name and a password (407): set them in HTTPS_PROXY"
    if status in (401, 403):
        return f"its host refuses it ({status}): it may need an account, a licence or another network"
    if status in (404, 410):
        return f"its host has no such file ({status}): check the name"
    if status == 429:
        return "its host was asked too often (429): wait some minutes and run again"
    if status >= 500:
        return f"its host has a fault of its own ({status}): try again later"
    return f"its host answers with status {status}: try again later"


@dataclass(frozen=True)
class Terms:
    """How a host is asked for a file.

    Attributes:
        headers: sent to the host of the address; what is secret in them (`Authorization`) never to another one that it names.
        alternative: what to do instead where it cannot be fetched, after `or`.
        refusal: what to say of an answer that is none.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    alternative: str = ""
    refusal: Refusal = in_words
    settings: NetworkSettings = SETTINGS


def download(
    url: str,
    path: Path,
    *,
    checksum: str | None = None,
    size: int | None = None,
    terms: Terms | None = None,
    progress: OnProgress | None = None,
) -> Path:
    """Fetch `url` into `path`, going on from what an earlier try left of the same file.

    What is left lies in a file `.part` beside it, which is named by the checksum, else by what the host says of the version
    (`ETag`); without either nothing is gone on with.

    Args:
        checksum: `md5:<hex>`, `sha256:<hex>` or `git:<hex>` (SHA-1 of a blob) as published.
        size: bytes as published.
        progress: called with the name of the file, bytes done and bytes in all (0 where unknown).

    Raises:
        DownloadError: unreachable, refused, no room for it, or a file of another checksum or size.
    """
    terms = terms or Terms()
    ensure_reachable(url, terms.alternative, terms.settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(url, path, checksum, size, terms, progress or silent)
    while True:
        part = transfer.run()
        wrong = fault_of(part, checksum, size)
        if wrong is None:
            os.replace(part, path)
            return path
        part.unlink()
        if not transfer.resumed:
            raise DownloadError(f"{url}: {wrong}: it was removed, run again")
        transfer.resumed = False  # what an earlier try left was another file: once more from its beginning


def asking(terms: Terms, **more: Any) -> dict[str, Any]:
    """Options of a request with httpx: patience, redirects, and the bytes of a file as they are."""
    import httpx

    timeout = httpx.Timeout(terms.settings.silence, connect=terms.settings.answer)
    headers = {"Accept-Encoding": "identity", **terms.headers, **more.pop("headers", {})}
    return {"headers": headers, "timeout": timeout, "follow_redirects": True} | more


def persistently(ask: Callable[[], Any], url: str, terms: Terms) -> Any:
    """What a request with httpx gives, asked again where its host is busy or breaks off.

    Raises:
        DownloadError: refused, or the network fails.
    """
    import httpx

    for left in reversed(range(terms.settings.tries)):
        pause = terms.settings.pause * 2 ** (terms.settings.tries - 2 - left) if left else 0
        try:
            return ask()
        except httpx.HTTPStatusError as error:
            status, headers = error.response.status_code, error.response.headers
            if status not in BUSY or not left:
                also = f"; or {terms.alternative}" if terms.alternative else ""
                raise DownloadError(f"{url} cannot be fetched: {terms.refusal(status, headers)}{also}") from error
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            if not left:
                reason = f"broken off: {_reason(error)}"
                raise DownloadError(unreachable(url, reason, terms.alternative)) from error
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError) as error:  # the last two: of an unusable proxy
            raise DownloadError(unreachable(url, _reason(error), terms.alternative)) from error
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


class _Transfer:
    """The bytes of one address on their way into a `.part` file."""

    def __init__(self, url: str, path: Path, checksum: str | None, size: int | None, terms: Terms, progress: OnProgress) -> None:
        self.url, self.path, self.size, self.terms, self.progress = url, path, size, terms, progress
        self.version = checksum.partition(":")[2] if checksum else ""
        self.resumed = False  # whether bytes of an earlier run are among those of the part

    def run(self) -> Path:
        """Fetch what is missing; the `.part` file, as long as its host says it is."""
        part: Path = persistently(self._once, self.url, self.terms)
        return part

    def _once(self) -> Path:
        if self.version:
            return self._fetch(self._part(self.version), {})
        import httpx

        with httpx.stream("GET", self.url, **asking(self.terms)) as answer:  # the version is learned from the answer
            answer.raise_for_status()
            version = answer.headers.get("ETag", "")
            if version.startswith("W/"):
                version = ""  # which promises the same meaning, not the same bytes
            part = self._part(hashlib.sha256(version.encode()).hexdigest() if version else "")
            if not version or not part.exists():
                return self._receive(answer, part, 0)
        return self._fetch(part, {"If-Range": version})

    def _part(self, version: str) -> Path:
        return self.path.with_name(f"{self.path.name}{'.' if version else ''}{version}.part")

    def _fetch(self, part: Path, headers: dict[str, str]) -> Path:
        import httpx

        begun = part.stat().st_size if part.exists() else 0
        if begun:
            headers = {**headers, "Range": f"bytes={begun}-"}
        with httpx.stream("GET", self.url, **asking(self.terms, headers=headers if begun else {})) as answer:
            if begun and answer.status_code == 416:  # nothing is left to fetch
                self.resumed = True
                return part
            answer.raise_for_status()
            goes_on = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-")
            if answer.status_code == 206 and not goes_on:
                raise DownloadError(f"{self.url}: its host sends another part of the file than it was asked for: try again later")
            return self._receive(answer, part, begun if goes_on else 0)

    def _receive(self, answer: Any, part: Path, begun: int) -> Path:
        import httpx

        length = answer.headers.get("Content-Length", "")
        total = begun + int(length) if length.isdigit() else self.size or 0
        self.resumed = self.resumed or begun > 0
        self._check_room(total - begun)
        done = begun
        try:
            with part.open("ab" if begun else "wb") as file:
                for chunk in answer.iter_bytes():  # as they come: none waits to be joined with others when it breaks off
                    file.write(chunk)
                    done += len(chunk)
                    self.progress(self.path.name, done, total)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._no_room(total - done) from error
            raise DownloadError(f"{part}: cannot be written ({error.strerror}): check the folder") from error
        if done < total:
            raise httpx.RemoteProtocolError(f"{done} of {total} bytes came")
        return part

    def _check_room(self, wanted: int) -> None:
        if wanted > shutil.disk_usage(self.path.parent).free:
            raise self._no_room(wanted)

    def _no_room(self, wanted: int) -> DownloadError:
        return DownloadError(
            f"{self.url}: {wanted / 1e6:.1f} MB more than the disk of {self.path.parent} has room for: make room "
            "(`podoba cache` shows what podoba keeps), and run the command again, it goes on"
        )


def fault_of(path: Path, checksum: str | None, size: int | None) -> str | None:
    """What is wrong with a fetched file, if anything is; `checksum` and `size` as in `download`."""
    if size is not None and path.stat().st_size != size:
        return f"the file has {path.stat().st_size} bytes, published are {size}"
    if checksum is None:
        return None
    kind, _, expected = checksum.partition(":")
    with path.open("rb") as file:
        if kind == "git":
            digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
            found = hashlib.file_digest(file, lambda: digest).hexdigest()
        else:
            found = hashlib.file_digest(file, kind).hexdigest()
    return None if found == expected else f"the file's {kind} is {found}, published is {expected}"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
