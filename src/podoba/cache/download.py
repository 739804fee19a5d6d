"""Fetching of published files: resumed, checked, and put in place only when whole."""

import hashlib
import os
from pathlib import Path

from podoba.cache.reach import SETTINGS, NetworkSettings, ensure_reachable, unreachable
from podoba.errors import DownloadError
from podoba.progress import OnProgress

CHUNK = 1 << 18


def download(
    url: str,
    path: Path,
    *,
    checksum: str | None = None,
    alternative: str = "",
    progress: OnProgress | None = None,
    settings: NetworkSettings = SETTINGS,
) -> Path:
    """Fetch `url` into `path`, going on from a `.part` file that an earlier try left.

    Args:
        checksum: `md5:<hex>` or `sha256:<hex>` as published.
        alternative: what to do instead where it cannot be fetched, after `or`.
        progress: called with the name of the file, bytes done and bytes in all (0 where unknown).

    Raises:
        DownloadError: unreachable, refused, or a file of another checksum.
    """
    ensure_reachable(url, alternative, settings)
    import httpx

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    begun = part.stat().st_size if part.exists() else 0
    try:
        timeout = httpx.Timeout(settings.silence, connect=settings.answer)
        headers = {"Range": f"bytes={begun}-"} if begun else {}
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=timeout) as answer:
            if answer.status_code == 416:  # nothing is left to fetch
                total = begun
            else:
                answer.raise_for_status()
                resumed = answer.status_code == 206
                total = int(answer.headers.get("Content-Length", 0)) + (begun if resumed else 0)
                done = begun if resumed else 0
                with part.open("ab" if resumed else "wb") as file:
                    for chunk in answer.iter_bytes(CHUNK):
                        file.write(chunk)
                        done += len(chunk)
                        if progress is not None:
                            progress(path.name, done, total)
                if total and done < total:
                    raise DownloadError(f"{url}: broken off after {done} of {total} bytes: run the command again, it goes on")
    except httpx.HTTPStatusError as error:
        also = f"; or {alternative}" if alternative else ""
        raise DownloadError(f"{url} cannot be fetched: {_refusal(error.response.status_code)}{also}") from error
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError) as error:  # the last two: of a proxy that it cannot use
        raise DownloadError(unreachable(url, _reason(error), alternative)) from error
    if checksum is not None:
        kind, _, expected = checksum.partition(":")
        with part.open("rb") as file:
            found = hashlib.file_digest(file, kind).hexdigest()
        if found != expected:
            part.unlink()
            raise DownloadError(f"{url}: the file's {kind} is {found}, published is {expected}: it was removed, run again")
    os.replace(part, path)
    return path


def _refusal(status: int) -> str:
    """What an HTTP status means for a person, and what to do."""
    if status in (401, 403, 407):
        return f"its host refuses it ({status}): it may need an account, a licence or another network"
    if status in (404, 410):
        return f"its host has no such file ({status}): check the name"
    return f"its host answers with status {status}: try again later"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
