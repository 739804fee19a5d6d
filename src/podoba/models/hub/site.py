"""The hub: what it says of a repository and its files, and its files, each held against what was said of it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from podoba.cache.download import Terms, asking, download, fault_of, in_words, persistently
from podoba.cache.reach import SETTINGS, NetworkSettings, ensure_reachable
from podoba.errors import DownloadError
from podoba.models.published.address import is_inside
from podoba.progress import OnProgress

HUB = "https://huggingface.co"
REDIRECTS = 5
SMALL = 32 << 20  # bytes; what a listing of files may have at most


@dataclass(frozen=True)
class RemoteFile:
    """What the hub says of a file.

    Attributes:
        path: within its repository.
        commit: of the repository, 40 hexadecimal digits.
        size: bytes, where told.
        checksum: `sha256:<hex>`, or `git:<hex>` of a small file that is kept in git itself; None where not told.
    """

    path: str
    commit: str
    size: int | None = None
    checksum: str | None = None


@dataclass(frozen=True)
class Listing:
    """A repository at a commit: its files, and the licence that its page names."""

    commit: str
    files: tuple[str, ...]
    licence: str | None = None


def hub_endpoint() -> str:
    """The address of the hub: `HF_ENDPOINT` where set."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def is_offline() -> bool:
    """Whether `HF_HUB_OFFLINE` forbids asking the hub."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Hub:
    """A hub of models and how it is asked.

    Attributes:
        endpoint: its address.
        token: shown to the host of that address alone, never to one that it sends a request on to.
        offline: ask nobody.
    """

    endpoint: str = field(default_factory=hub_endpoint)
    token: str | None = field(default_factory=lambda: os.environ.get("HF_TOKEN") or None, repr=False)
    offline: bool = field(default_factory=is_offline)
    settings: NetworkSettings = SETTINGS

    def listing(self, repository: str, revision: str, alternative: str = "") -> Listing | None:
        """The files of a repository; None where this host keeps files but lists none, as simple mirrors do.

        Raises:
            DownloadError: no such repository or revision, no permission, or no network.
        """
        url = f"{self.endpoint}/api/models/{repository}/revision/{quote(revision, safe='')}"
        terms = self._terms(repository, revision, None, alternative)
        answer = self._ask("GET", url, terms)
        if answer.status_code in (404, 405, 501) and "X-Error-Code" not in answer.headers:
            return None
        self._check(answer, url, terms)
        try:
            facts = answer.json()
            commit, files = facts["sha"], tuple(sorted(str(entry["rfilename"]) for entry in facts["siblings"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DownloadError(f"{url}: is no list of a repository's files: check HF_ENDPOINT") from error
        licence = facts.get("cardData", {}).get("license") if isinstance(facts.get("cardData"), dict) else None
        return Listing(_commit(commit, url), files, str(licence) if licence else None)

    def facts(self, repository: str, revision: str, path: str, alternative: str = "") -> RemoteFile | None:
        """What the hub says of one file; None where the repository has none of this path.

        Raises:
            DownloadError: no such repository or revision, no permission, no network, or a host that does not tell the commit.
        """
        if not is_inside(path):
            raise DownloadError(f"{repository}: a file is called {path!r}, which leads out of its folder: it is not fetched")
        url = self._place(repository, revision, path)
        terms = self._terms(repository, revision, path, alternative)
        known: dict[str, str] = {}
        for _ in range(REDIRECTS):
            answer = self._ask("HEAD", url, terms, follow_redirects=False)
            if answer.status_code == 404 and answer.headers.get("X-Error-Code", "EntryNotFound") == "EntryNotFound":
                return None
            self._check(answer, url, terms)
            known = {**_told(answer), **known}
            target = urljoin(url, answer.headers.get("Location", url))
            if not answer.is_redirect or urlsplit(target)[:2] != urlsplit(url)[:2]:
                break  # the other host has the bytes; what they are was said here
            url = target
        commit = _commit(known.get("commit"), url)
        if re.fullmatch("[0-9a-f]{40}", revision) and commit != revision:
            raise DownloadError(f"{url}: is of commit {commit}, not of {revision}: check HF_ENDPOINT")
        size = known.get("size", "")
        return RemoteFile(path, commit, int(size) if size.isdigit() else None, known.get("checksum"))

    def fetch(
        self, repository: str, file: RemoteFile, folder: Path, *, alternative: str = "", progress: OnProgress | None = None
    ) -> Path:
        """Put a file into a folder, below which it has the path it has in its repository.

        Raises:
            DownloadError: as `facts`; or it is not what was said of it.
        """
        self._check_online(repository)
        place = folder / file.path
        if not place.resolve().is_relative_to(folder.resolve()):
            raise DownloadError(f"{repository}: a file is called {file.path!r}, which leads out of its folder: it is not fetched")
        if file.checksum is not None and place.is_file() and fault_of(place, file.checksum, file.size) is None:
            return place
        terms = self._terms(repository, file.commit, file.path, alternative)
        url = self._place(repository, file.commit, file.path)
        return download(url, place, checksum=file.checksum, size=file.size, terms=terms, progress=progress)

    def ends_with(self, repository: str, file: RemoteFile, count: int) -> bytes:
        """The last bytes of a file, at most `count`; nothing where the host sends no parts of files."""
        url = self._place(repository, file.commit, file.path)
        terms = self._terms(repository, file.commit, file.path, "")
        begin = max(0, (file.size or 0) - count)
        answer = self._ask("GET", url, terms, headers={"Range": f"bytes={begin}-"}, status=206)
        return bytes(answer.content) if answer.status_code == 206 else b""

    def _place(self, repository: str, revision: str, path: str) -> str:
        return f"{self.endpoint}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}"

    def _terms(self, repository: str, revision: str, path: str | None, alternative: str) -> Terms:
        def refusal(status: int, headers: Mapping[str, str]) -> str:
            return self._in_words(status, headers, repository, revision, path)

        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return Terms(headers, alternative, refusal, self.settings)

    def _ask(self, method: str, url: str, terms: Terms, *, status: int | None = None, **more: Any) -> Any:
        """An answer, read whole (of `status` alone, where one is given); one of a busy host is asked for again."""
        self._check_online(url)
        ensure_reachable(url, terms.alternative, terms.settings)
        import httpx

        def ask() -> Any:
            with httpx.stream(method, url, **asking(terms, **more)) as answer:
                if answer.status_code in (408, 429) or answer.status_code >= 500:
                    answer.raise_for_status()
                if status in (None, answer.status_code):
                    length = int(answer.headers.get("Content-Length") or 0)
                    if method != "HEAD" and length > SMALL:
                        raise DownloadError(f"{url}: {length} bytes where a list of files was expected: check HF_ENDPOINT")
                    answer.read()
                return answer

        return persistently(ask, url, terms)

    def _check(self, answer: Any, url: str, terms: Terms) -> None:
        if answer.status_code >= 400:
            also = f"; or {terms.alternative}" if terms.alternative else ""
            raise DownloadError(f"{url} cannot be fetched: {terms.refusal(answer.status_code, answer.headers)}{also}")

    def _check_online(self, wanted: str) -> None:
        if self.offline:
            raise DownloadError(
                f"{wanted}: not in the cache, and HF_HUB_OFFLINE forbids to fetch it: unset it, or name a model that is here "
                "(`podoba models list`)"
            )

    def _in_words(self, status: int, headers: Mapping[str, str], repository: str, revision: str, path: str | None) -> str:
        """What a refusal of the hub means, and what to do."""
        code, page = headers.get("X-Error-Code", ""), f"{self.endpoint}/{repository}"
        if code == "GatedRepo":
            if self.token:
                return f"it is gated, and the account of HF_TOKEN was not let in ({status}): accept the terms at {page}"
            return f"it is gated ({status}): accept the terms at {page}, and set HF_TOKEN to a token of your account"
        if code == "RepoNotFound":
            if self.token:
                return f"no such repository, or one that the account of HF_TOKEN may not see ({status}): check the name"
            return f"no such repository, or a private one ({status}): check the name; for a private one set HF_TOKEN"
        if code == "RevisionNotFound":
            return f"the repository has no revision {revision!r} ({status}): see {page}/commits/main"
        if code == "EntryNotFound" or (status == 404 and path is not None):
            return f"the repository has no file {path} at {revision} ({status}): see {page}/tree/{revision}"
        if status == 401:
            return f"{'HF_TOKEN is not accepted' if self.token else 'it wants a token'} ({status}): set HF_TOKEN to a valid one"
        if status == 403:
            return f"the account {'of HF_TOKEN ' if self.token else ''}has no permission ({status}): see {page}"
        if status == 429 and not self.token:
            return f"{in_words(status, headers)}; with HF_TOKEN more is allowed"
        return in_words(status, headers)


def _told(answer: Any) -> dict[str, str]:
    """What the headers of an answer say of a file: `commit`, `size`, `checksum`, as far as they do."""
    headers = answer.headers
    mark = (headers.get("X-Linked-Etag") or headers.get("ETag") or "").removeprefix("W/").strip('"')
    kind = "sha256" if re.fullmatch("[0-9a-f]{64}", mark) else "git" if re.fullmatch("[0-9a-f]{40}", mark) else None
    told = {
        "commit": headers.get("X-Repo-Commit"),
        "size": headers.get("X-Linked-Size") or (None if answer.is_redirect else headers.get("Content-Length")),
        "checksum": f"{kind}:{mark}" if kind else None,
    }
    return {key: value for key, value in told.items() if value}


def _commit(text: object, url: str) -> str:
    if not isinstance(text, str) or re.fullmatch("[0-9a-f]{40}", text) is None:
        raise DownloadError(f"{url}: its host does not say of which commit it is, so it could change unseen: check HF_ENDPOINT")
    return text
