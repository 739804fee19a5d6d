"""Where a collection lies in a vector database: `milvus://HOST:PORT/NAME`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from podoba.errors import CollectionError

PORT = 19530
SCHEMES = ("milvus", "milvuss")  # the second one is encrypted (TLS)
TOKEN = "MILVUS_TOKEN"  # USER:PASSWORD or a key of the server's, where the address has none
FORM = "write it like milvus://localhost:19530/photos"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")


@dataclass(frozen=True)
class Address:
    """A collection of a server.

    Attributes:
        collection: its name: letters of English, digits and `_`.
        database: of the server; empty: its default one.
        token: USER:PASSWORD or a key; never printed.
        secure: whether the connection is encrypted (TLS).
    """

    host: str
    port: int
    collection: str
    database: str = ""
    token: str = field(default="", repr=False)
    secure: bool = False

    def __str__(self) -> str:
        """The address without user and password: what messages name, and what marks are kept by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        database = f"{self.database}/" if self.database else ""
        return f"{SCHEMES[self.secure]}://{host}:{self.port}/{database}{self.collection}"

    @property
    def server(self) -> str:
        """The server as its client names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"


def parse_address(text: str) -> Address:
    """The parts of `milvus://[USER:PASSWORD@]HOST[:PORT]/[DATABASE/]NAME`; `milvuss://` is encrypted.

    Without user and password in it those of the variable MILVUS_TOKEN are taken, which no list of processes shows.

    Raises:
        CollectionError: what is no such address.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or PORT
    except ValueError as error:
        raise CollectionError(f"no address of a vector database ({error}): {FORM}") from error
    names = [unquote(name) for name in parts.path.strip("/").split("/")]
    shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    if parts.scheme not in SCHEMES or not parts.hostname or parts.query or parts.fragment or len(names) > 2:
        raise CollectionError(f"{shown}: no address of a vector database: {FORM}")
    if not all(NAME.fullmatch(name) for name in names):
        raise CollectionError(f"{shown}: a name there has letters of English, digits and _, no digit first: {FORM}")
    own = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    token = own if own != ":" else os.environ.get(TOKEN, "")
    return Address(parts.hostname, port, names[-1], names[0] if len(names) == 2 else "", token, parts.scheme == SCHEMES[1])
