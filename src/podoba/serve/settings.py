"""Settings of a server."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServeSettings:
    """What the person chose, and numbers that are tuned.

    Attributes:
        host, port: where it listens.
        token: what gives access; made anew at every start.
        show_paths: whether the places of files are told to clients.
        allow_changes: whether files may be moved.
        allow_index: folders below which pictures may be indexed.
        largest_upload: bytes of one uploaded picture.
        most_hits: results of one search at most.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token: str = ""
    show_paths: bool = False
    allow_changes: bool = False
    allow_index: tuple[Path, ...] = ()
    largest_upload: int = 64 << 20
    most_hits: int = 1000

    @property
    def cookie(self) -> str:
        """Name of the cookie of a session: cookies are shared by all ports of a host, so it carries the port."""
        return f"podoba-{self.port}"
