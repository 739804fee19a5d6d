"""Whether a host answers, found out in seconds: left to themselves, look-ups and connections that nobody answers take minutes."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, Queue
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from podoba.errors import DownloadError

Answer = TypeVar("Answer")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class NetworkSettings:
    """How long a network is waited for.

    Attributes:
        answer: seconds until a host that does not answer is given up, the look-up of its name and all its addresses together.
        silence: seconds without a byte, after which a download is broken off; it can be gone on with.
        tries: how often something is asked for whose host is busy, has a fault of its own or breaks off.
        pause: seconds before the second try, and twice as many before each further one.
    """

    answer: float = 4.0
    silence: float = 20.0
    tries: int = 3
    pause: float = 1.0


SETTINGS = NetworkSettings()


def begin_to_reach(url: str, settings: NetworkSettings = SETTINGS) -> None:
    """Begin to find out what `ensure_reachable` will be asked of the same host; meanwhile other work can be done."""
    _asked(*urlsplit(url)[:2], settings)


def ensure_reachable(url: str, alternative: str = "", settings: NetworkSettings = SETTINGS) -> None:
    """Find out that the host of an address, or the proxy that leads to it, takes connections.

    Args:
        alternative: what to do instead where there is no network, after `or`.

    Raises:
        DownloadError: it is not known, refuses, or does not answer in time.
    """
    reason = _asked(*urlsplit(url)[:2], settings).result()
    _asked.cache_clear()  # the next time it may be another
    if reason:
        raise DownloadError(unreachable(url, reason, alternative))


@lru_cache
def _asked(scheme: str, place: str, settings: NetworkSettings) -> "Future[str]":
    """Why a host (with its port, as in an address) takes no connections, or nothing; found out in a thread of its own."""
    answer: Future[str] = Future()

    def ask() -> None:
        try:
            answer.set_result(_reason_against(scheme, place, settings))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    return answer


def _reason_against(scheme: str, place: str, settings: NetworkSettings) -> str:
    until = time.monotonic() + settings.answer
    try:
        name, host, port = _door_to(scheme, place)
    except ValueError as error:
        return f"neither it nor the proxy that is set may be written so: {error}"
    late = f"{name} does not answer within {settings.answer:g} seconds"
    try:
        addresses = _first([lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)], until)
        ways = [_connecting(address[0], address[4], settings.answer) for address in addresses or []]
        connected = _first(ways, until)
        return "" if connected else late
    except socket.gaierror:
        return f"the name of {name} cannot be looked up"
    except TimeoutError:
        return late
    except (OSError, UnicodeError) as error:  # the latter: of a name that no host can have
        return f"{name} cannot be reached: {getattr(error, 'strerror', None) or error}"


def unreachable(url: str, reason: str, alternative: str) -> str:
    """What to say of an address that cannot be fetched for a reason of the network."""
    return f"{url} cannot be fetched ({reason}): check the network and run again" + (f"; or {alternative}" if alternative else "")


def _door_to(scheme: str, place: str) -> tuple[str, str, int]:
    """Whom a connection really goes to: its name in words, host and port. Raises `ValueError` for a port that is no number."""
    parts = urlsplit(f"//{place}")
    host = parts.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return host, host, parts.port or PORTS.get(scheme, 443)
    door = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return f"the proxy {door.hostname}", door.hostname or "", door.port or PORTS.get(door.scheme, 1080)


def _connecting(family: int, address: Any, seconds: float) -> Callable[[], bool]:
    def connect() -> bool:
        with socket.socket(family, socket.SOCK_STREAM) as made:
            made.settimeout(seconds)
            made.connect(address)
            return True

    return connect


def _first(ways: list[Callable[[], Answer]], until: float) -> Answer | None:
    """What the first of several ways gives that does not fail, all begun at once; None where none gives anything in time.

    Raises:
        OSError, UnicodeError: of the last of them, where all fail.
    """
    answers: Queue[Answer | OSError | UnicodeError] = Queue()

    def go(way: Callable[[], Answer]) -> None:
        try:
            answers.put(way())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    for way in ways:
        threading.Thread(target=go, args=(way,), daemon=True).start()  # a look-up cannot be stopped, only left behind
    for left in range(len(ways) - 1, -1, -1):
        try:
            answer = answers.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return None
        if not isinstance(answer, OSError | UnicodeError):
            return answer
        if not left:
            raise answer
    return None
