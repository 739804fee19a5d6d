"""The process that serves: its socket, its connections, and its end."""

import errno
import os
import socket
from pathlib import Path
from threading import Timer
from types import FrameType

import uvicorn

from podoba.errors import SettingsError
from podoba.serve.app import create_app
from podoba.serve.gate.connections import bounded
from podoba.serve.served import Served

NEXT_PORTS = 50  # tried after the usual one


class Server(uvicorn.Server):
    """A server of collections and studies.

    Args:
        certificate, key: files for TLS; the key may stand in the file of the certificate.

    Attributes:
        served: what it serves.
        app: what answers.
        stopped_by: the signal that ended it, if one did.

    Raises:
        SettingsError: the certificate or the key cannot be used.
    """

    def __init__(self, served: Served, certificate: Path | None = None, key: Path | None = None) -> None:
        limits = served.settings.gate
        self.app = create_app(served)
        super().__init__(
            uvicorn.Config(
                self.app,
                http=bounded(limits),
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level="critical",  # it reports every line that is no HTTP; what matters is in our own log
                access_log=False,
                proxy_headers=False,
                server_header=False,
                h11_max_incomplete_event_size=limits.largest_header,
                timeout_keep_alive=limits.idle_seconds,
                timeout_graceful_shutdown=limits.closing_seconds,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )
        self.served = served
        self.stopped_by: int | None = None
        try:
            self.config.load()
        except OSError as error:  # of TLS
            raise SettingsError(f"{certificate}: no certificate and key in PEM form: {error.strerror or error}") from error

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it, such as http://127.0.0.1:8765."""
        settings = self.served.settings
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
        return f"{'https' if settings.secure else 'http'}://{f'[{host}]' if ':' in host else host}:{settings.port}"

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: streams of events first, which would go on."""
        self.served.jobs.end()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End at the first signal, which is not raised again; a second one does not wait for what is in progress.

        Threads cannot be stopped: where one works on, the process is ended from under it, which a collection survives.
        """
        if self.stopped_by is None:
            self.stopped_by = sig
            last = Timer(self.served.settings.gate.closing_seconds + 1, os._exit, [128 + sig])
            last.daemon = True
            last.start()
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int | None, usual: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: a name or an address of this machine.
        port: None: the usual one, or the next one that is free; 0: any.

    Raises:
        SettingsError: nothing can listen there.
    """
    ports = [port] if port is not None else [*range(usual, usual + NEXT_PORTS), 0]
    for tried in ports:
        try:
            return _bound(host, tried)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and tried != ports[-1]:
                continue
            taken = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror or error
            raise SettingsError(f"{host}:{tried}: {taken}: choose another --port, or another --host") from error
    raise AssertionError("the last port is tried like the others")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two programs listen on one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
