"""`podoba serve`: the page and the API."""

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.console import print_json, print_line, say
from podoba.cli.options import JSON

if TYPE_CHECKING:
    from podoba.serve.server import Server

PORT = 8765
LOOPBACK = ("127.0.0.1", "::1")


def serve(
    places: list[str] = typer.Argument(
        ...,
        metavar="COLLECTION|STUDY...",
        help="Files of collections, which need not exist yet, or addresses as milvus://HOST:PORT/NAME; and folders of studies.",
    ),
    host: str = typer.Option(
        "127.0.0.1", "--host", metavar="ADDRESS", help="Where to listen; other machines reach what is not 127.0.0.1."
    ),
    port: int | None = typer.Option(
        None, "--port", min=0, max=65535, help=f"Port to listen on.  [default: {PORT}, or the next that is free]"
    ),
    no_browser: bool = typer.Option(False, "--no-browser", help="Open no browser."),
    show_paths: bool = typer.Option(False, "--show-paths", help="Show where files are to browsers on other machines too."),
    allow_changes: bool = typer.Option(False, "--allow-changes", help="Let duplicates be moved away from the page."),
    allow_index: list[Path] = typer.Option(
        [], "--allow-index", metavar="FOLDER", help="Let pictures below this folder be indexed from the page; may be repeated."
    ),
    allowed_host: list[str] = typer.Option(
        [], "--allowed-host", metavar="NAME[:PORT]", help="A further name by which browsers call the server; may be repeated."
    ),
    certificate: Path | None = typer.Option(None, "--certificate", metavar="FILE", help="Encrypt, with this certificate (PEM)."),
    key: Path | None = typer.Option(None, "--key", metavar="FILE", help="Its key, where that is a file of its own."),
    as_json: bool = JSON,
) -> None:
    """Search, look through and correct collections in a browser, and answer programs.

    The printed link lets in who has it, until the server ends: keep it to yourself. Ctrl-C ends the server.

    \b
    Examples:
      podoba serve photos.podoba
      podoba serve photos.podoba shop.podoba studies/paper --no-browser
      podoba serve new.podoba --allow-index ~/Pictures
      podoba serve milvus://127.0.0.1:19530/photos
      podoba serve photos.podoba --host 0.0.0.0 --certificate server.pem --key server.key
    """
    if key is not None and certificate is None:
        raise typer.BadParameter("needs the --certificate that it belongs to", param_hint="--key")
    collections, studies = _told_apart(places)
    folders = tuple(_folder(place) for place in allow_index)
    if os.environ.get("PODOBA_DEBUG"):
        logging.getLogger("podoba").setLevel(logging.DEBUG)

    from podoba.serve.gate.sessions import new_token
    from podoba.serve.served import Served
    from podoba.serve.server import Server, listen
    from podoba.serve.settings import ServeSettings

    with listen(host, port, PORT) as listening:
        address, number = listening.getsockname()[:2]
        settings = ServeSettings(
            host=address,
            port=number,
            secure=certificate is not None,
            allowed_hosts=tuple(allowed_host),
            token=new_token(),
            show_paths=show_paths or (address in LOOPBACK and not allowed_host),
            allow_changes=allow_changes,
            allow_index=folders,
        )
        server = Server(Served(collections, studies, settings), certificate, key)
        for name in server.served.places:
            server.served.state(name)  # a damaged file is an error now
        with ExitStack() as stack:
            _announce(server, stack)
            _say_where(server, as_json)
            if not no_browser:
                _open_browser(f"{server.address}/#token={server.served.sessions.code()}")
            server.run([listening])
    if server.stopped_by == signal.SIGINT:
        raise KeyboardInterrupt


def _told_apart(places: Sequence[str]) -> tuple[list[Path | str], list[Path]]:
    """The collections, by file or address, and the studies among what was named.

    Raises:
        CollectionError: a folder that is no study.
    """
    from podoba.errors import CollectionError
    from podoba.files import is_address

    collections: list[Path | str] = []
    studies = []
    for given in places:
        place = Path(given).expanduser().absolute()
        if is_address(given):
            collections.append(given)
        elif (place / "plan.yaml").is_file():
            studies.append(place)
        elif place.is_dir():
            raise CollectionError(
                f"{given}: a folder that is no study: name the file of a collection, made by `podoba index photos.podoba {given}`"
            )
        else:
            collections.append(place)
    return collections, studies


def _folder(place: Path) -> Path:
    found = place.expanduser().resolve()
    if not found.is_dir():
        raise typer.BadParameter(f"{place} is no folder", param_hint="--allow-index")
    return found


def _announce(server: "Server", stack: ExitStack) -> None:
    """Let programs of the same person find the server, for as long as the stack is not closed."""
    from podoba.serve.runtime_file import Running, announced

    places = server.served.shown_places
    running = Running(server.address, server.served.settings.token, os.getpid(), time.time(), places)
    try:
        stack.enter_context(announced(running))
    except OSError as error:
        say(f"note: programs will not find this server by themselves: {error.filename}: {error.strerror}")


def _say_where(server: "Server", as_json: bool) -> None:
    """Print the link; and where others may come too, what that means."""
    settings = server.served.settings
    link = f"{server.address}/#token={settings.token}"
    if as_json:
        collections = server.served.shown_places
        print_json({"address": server.address, "token": settings.token, "link": link, "collections": collections})
    else:
        print_line(link)
    sys.stdout.flush()
    if settings.host not in LOOPBACK:
        say(
            "note: other machines reach this server. Who has the link sees all that it serves. In the link, 127.0.0.1 is this "
            "machine: others write its address there"
        )
        if not settings.secure:
            say(
                "note: nothing is encrypted, so the network can read the link and the pictures: give --certificate and --key, "
                f"or leave --host out and let others come by `ssh -L {settings.port}:127.0.0.1:{settings.port} THIS-MACHINE`"
            )


def _open_browser(link: str) -> None:
    """Open a browser where there is a screen; one in the terminal would take it away from the server."""
    import webbrowser
    from threading import Thread

    has_screen = sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if has_screen:
        Thread(target=webbrowser.open, args=[link], daemon=True).start()
