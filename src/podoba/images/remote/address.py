"""Addresses of object stores and web servers, as text."""

from urllib.parse import urljoin, urlsplit

STORES = ("s3", "gs", "gcs", "az", "abfs", "abfss", "memory")
WEB = ("http", "https")
SCHEMES = (*STORES, *WEB)
"""Schemes that are opened; `memory` is fsspec's own, of one process."""


def is_remote(text: str) -> bool:
    """Whether a text is an address of one of `SCHEMES`."""
    scheme, separator, rest = text.partition("://")
    return bool(separator and rest) and scheme.lower() in SCHEMES


def is_web(address: str) -> bool:
    """Whether an address is of a web server, whose host the address itself names."""
    return address.partition("://")[0].lower() in WEB


def file_name(address: str) -> str:
    """The path of an address, by whose ending its kind is known: of a web address without what follows a `?`."""
    return urlsplit(address).path if is_web(address) else address


def beside(address: str, name: str) -> str:
    """The address of what a file at `address` names: relative to its folder, or an address of its own."""
    if is_remote(name):
        return name
    if is_web(address):
        return urljoin(address, name)
    scheme, _, path = address.partition("://")
    if name.startswith("/"):
        return f"{scheme}://{path.partition('/')[0]}{name}"
    folder = path.rpartition("/")[0].split("/")
    for part in name.split("/"):
        if part == "..":
            folder = folder[:-1] if len(folder) > 1 else folder
        elif part != ".":
            folder.append(part)
    return f"{scheme}://{'/'.join(folder)}"


def without_end(address: str) -> str:
    """The address of a folder without a `/` at its end, so that it has one name."""
    scheme, _, path = address.partition("://")
    return f"{scheme.lower()}://{path.rstrip('/')}"
