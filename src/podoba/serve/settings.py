"""Settings of a server."""

from dataclasses import dataclass, field
from pathlib import Path

from podoba.serve.gate.settings import GateSettings


@dataclass(frozen=True)
class ServeSettings:
    """What the person chose, and numbers that are tuned.

    Attributes:
        host, port: where it listens.
        secure: whether it speaks TLS.
        allowed_hosts: further names by which it may be called, with a port or without.
        token: what gives access; made anew at every start.
        show_paths: whether the places of files are told to clients.
        allow_changes: whether files may be moved.
        allow_index: folders below which pictures may be indexed.
        largest_upload: bytes of one uploaded picture.
        most_hits: results of one search at most.
        patience: seconds for which a vector database that does not answer is asked again before a request is refused.
        gate: limits of requests and connections.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    secure: bool = False
    allowed_hosts: tuple[str, ...] = ()
    token: str = ""
    show_paths: bool = False
    allow_changes: bool = False
    allow_index: tuple[Path, ...] = ()
    largest_upload: int = 64 << 20
    most_hits: int = 1000
    patience: float = 3.0
    gate: GateSettings = field(default_factory=GateSettings)

    @property
    def cookie(self) -> str:
        """Name of the cookie of a session: cookies are shared by all ports of a host, so it carries the port."""
        return f"podoba-{self.port}"
