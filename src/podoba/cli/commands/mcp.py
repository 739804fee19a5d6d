"""`podoba mcp`: collections for assistants."""

from contextlib import ExitStack
from pathlib import Path

import typer


def mcp(
    collections: list[str] = typer.Argument(
        ..., metavar="COLLECTION...", help="Files of collections, or addresses as milvus://HOST:PORT/NAME; they are only read."
    ),
    allow: list[Path] = typer.Option(
        [], "--allow", metavar="FOLDER", help="Let pictures below this folder be named in searches; may be repeated."
    ),
) -> None:
    """Let an assistant search collections, by the Model Context Protocol on standard input and output.

    It can ask what there is, search by items, words and pictures below the folders that are allowed, see pictures, count labels
    and attributes, and find duplicates. Nothing is changed. Needs podoba[mcp].

    \b
    Examples:
      podoba mcp photos.podoba
      podoba mcp photos.podoba shop.podoba --allow ~/Pictures
    """
    from podoba.errors import require
    from podoba.files import distinct_names

    require("mcp", "mcp")
    from podoba.mcp.files import AllowedFiles
    from podoba.mcp.server import make_server
    from podoba.mcp.tools import Tools
    from podoba.scale.open import open_collection

    files = AllowedFiles(allow)
    places = distinct_names(collections)
    with ExitStack() as stack:
        opened = {name: stack.enter_context(open_collection(place, read_only=True)) for name, place in places.items()}
        make_server(Tools(opened, files)).run("stdio")
