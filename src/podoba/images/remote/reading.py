"""The bytes of one remote file, as many as a picture may have."""

import os
from urllib.parse import urlsplit

from podoba.cache.reach import SETTINGS, NetworkSettings
from podoba.errors import SourceError, UnreadableImage
from podoba.images.remote.address import is_web
from podoba.images.remote.filesystem import StoreAway, asked, filesystem, one_line

HOSTS = "PODOBA_IMAGE_HOSTS"  # hosts, divided by commas, whose pictures are fetched where a collection names them
LATER = (408, 425, 429, 500, 502, 503, 504)  # of a web server: it may be asked again


class ImageAway(UnreadableImage):
    """A remote image that could not be fetched now: it may well be there, and is to be tried again."""


def read_remote(address: str, most: int, size: int | None = None, network: NetworkSettings = SETTINGS) -> bytes:
    """The bytes of a file at an address, at most `most`.

    Args:
        size: as a listing gave it; None: it is asked for.
        network: how often it is tried.

    Raises:
        ImageAway: the store cannot be reached.
        UnreadableImage: nothing is there, it must not be read, or it is larger.
    """
    try:
        if is_web(address):
            return asked(address, lambda: _fetch(address, most), network)
        store = filesystem(address)
        known = asked(address, lambda: store.info(address)["size"], network) if size is None else size
        if known is not None and known > most:
            raise UnreadableImage(address, f"{known} bytes, more than {most} are refused")
        return bytes(asked(address, lambda: store.cat_file(address), network))
    except StoreAway as error:
        raise ImageAway(address, str(error).removeprefix(f"{address}: ")) from error
    except SourceError as error:
        raise UnreadableImage(address, str(error).removeprefix(f"{address}: ")) from error


def read_head(address: str, size: int) -> bytes:
    """The first bytes of a file at an address. Raises as `asked`."""
    store = filesystem(address)
    return bytes(asked(address, lambda: store.cat_file(address, start=0, end=size)))


def refuse_unnamed_host(uri: str) -> None:
    """Refuse a web address that a collection names, unless its host is one of `PODOBA_IMAGE_HOSTS`.

    A collection may come from anybody: opened on a server it must not make that call hosts which nobody there named. Object
    stores are asked at the endpoint and with the credentials of the server's own environment.

    Raises:
        UnreadableImage: the host is not named.
    """
    host = (urlsplit(uri).hostname or "").lower()
    if is_web(uri) and host not in [name.strip().lower() for name in os.environ.get(HOSTS, "").split(",")]:
        raise UnreadableImage(uri, f"pictures of {host} are not fetched for a collection: allow it by {HOSTS}={host}")


def _fetch(address: str, most: int) -> bytes:
    import httpx

    timeout = httpx.Timeout(SETTINGS.silence, connect=SETTINGS.answer)
    try:
        with httpx.stream("GET", address, follow_redirects=True, timeout=timeout) as answer:
            if answer.status_code in LATER:
                raise ConnectionError(f"it answers {answer.status_code}")
            if answer.is_error:
                raise UnreadableImage(address, f"the server answers {answer.status_code} {answer.reason_phrase}")
            data = bytearray()
            for part in answer.iter_bytes():
                data += part
                if len(data) > most:
                    raise UnreadableImage(address, f"more than {most} bytes are refused")
            return bytes(data)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UnreadableImage(address, f"no address ({one_line(error)})") from error
