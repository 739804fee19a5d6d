"""Object stores and web servers by fsspec: opened once a process, asked again where they were away, and their errors in words."""

import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from podoba.cache.reach import SETTINGS, NetworkSettings
from podoba.errors import PodobaError, SourceError, require

Answer = TypeVar("Answer")
REFUSALS = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)  # asking again would not help
LIBRARIES = {"s3": "s3fs", "http": "aiohttp", "https": "aiohttp"}  # those that podoba[scale] has beside fsspec, by scheme
NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "DefaultCredentialsError")


class StoreAway(SourceError):
    """An object store or web server that could not be reached, or broke off: what was asked of it may well be there."""


def filesystem(address: str) -> Any:
    """The fsspec file system of an address; credentials, regions and endpoints are those of its own environment and files.

    Raises:
        MissingExtra: fsspec is not installed, or what it needs for S3 or the web.
        SourceError: what it needs for another scheme is not installed, or its settings are wrong.
    """
    fsspec = require("fsspec", "scale")
    scheme = address.partition("://")[0].lower()
    if scheme in LIBRARIES:
        require(LIBRARIES[scheme], "scale")
    try:
        of_address = fsspec.get_filesystem_class(scheme)._get_kwargs_from_urls(address)
        return _opened(scheme, tuple(sorted(of_address.items())) if scheme.startswith(("az", "abfs")) else (), os.getpid())
    except ImportError as error:
        raise SourceError(f"{address}: {one_line(error)}") from error
    except PodobaError:
        raise
    except Exception as error:  # settings of a store, each library with errors of its own
        raise SourceError(f"{address}: cannot be opened ({one_line(error)})") from error


@lru_cache(maxsize=16)
def _opened(scheme: str, of_address: tuple[tuple[str, Any], ...], process: int) -> Any:
    """One for all threads of a process; it keeps no listings, which would grow with their names and become old."""
    fsspec = require("fsspec", "scale")
    return fsspec.filesystem(scheme, use_listings_cache=False, **_timeouts(scheme, SETTINGS), **dict(of_address))


def _timeouts(scheme: str, settings: NetworkSettings) -> Mapping[str, Any]:
    if scheme != "s3":
        return {}
    config = {"connect_timeout": settings.answer, "read_timeout": settings.silence, "retries": {"max_attempts": 1}}
    return {"config_kwargs": config}


def asked(address: str, work: Callable[[], Answer], settings: NetworkSettings = SETTINGS) -> Answer:
    """What `work` gives; done again, after pauses that double, where the store is away.

    Raises:
        StoreAway: it stayed away.
        SourceError: nothing is there, or it must not be read.
    """
    for attempt in range(settings.tries):
        try:
            return work()
        except PodobaError:
            raise
        except Exception as error:  # each store has errors of its own
            told = explain(address, error)
            if not isinstance(told, StoreAway) or attempt + 1 == settings.tries:
                raise told from error
            time.sleep(settings.pause * 2**attempt)
    raise AssertionError("unreachable")


def explain(address: str, error: Exception) -> SourceError:
    """An error of a store in one line."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{address}: not there: check the bucket, or the host, and the path")
    if isinstance(error, PermissionError) or type(error).__name__ in NO_CREDENTIALS:
        advice = "set the credentials of the store, such as AWS_ACCESS_KEY_ID or AWS_PROFILE"
        return SourceError(f"{address}: no permission ({one_line(error)}): {advice}")
    if isinstance(error, REFUSALS):
        return SourceError(f"{address}: {one_line(error)}")
    return StoreAway(f"{address}: the store cannot be reached ({one_line(error)}): check the network, or try again later")


def one_line(error: Exception) -> str:
    """What an error says, in one short line."""
    return " ".join(f"{error or type(error).__name__}".split())[:200]
