"""Arguments and options that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import typer

from podoba.errors import NeedsAFile
from podoba.files import is_address, without_user


def collection_file(text: str) -> Path:
    """The file of a collection. Raises `NeedsAFile` for an address."""
    if is_address(text):
        raise NeedsAFile(without_user(text))
    return Path(text)


COLLECTION = typer.Argument(
    ..., metavar="COLLECTION", parser=collection_file, help="The collection's file, such as photos.podoba."
)
PLACE = typer.Argument(..., metavar="COLLECTION", help="The collection's file, or its address: milvus://HOST:PORT/NAME.")
MODEL = typer.Argument(
    ..., metavar="MODEL", help="One of `podoba models list`, a folder, a file, hf:<owner>/<repo>, timm/<name>."
)
JSON = typer.Option(False, "--json", help="Print as JSON.")
CSV = typer.Option(False, "--csv", help="Print as CSV.")
MOVED_MODEL = typer.Option(None, "--model", help="Where the collection's model is now, if it was moved.")
Device = Literal["auto", "cpu", "cuda", "directml", "openvino", "coreml"]  # `sessions.DeviceName`, whose import loads numpy
DEVICE = typer.Option(
    None,
    "--device",
    help="What encodes: `auto` takes a device whose ONNX Runtime is installed, starts and agrees with the cpu.  "
    "[default: PODOBA_DEVICE, or auto]",
)
ON = typer.Option(
    None,
    "--on",
    metavar="ray[:HOST:PORT]",
    help="Work on a cluster of Ray: that of RAY_ADDRESS, or the one that runs here, else one of this machine; or that of a head "
    "(needs podoba[scale] on all its nodes).",
)
WHERE = typer.Option(
    None, "--where", metavar="EXPR", help="Only items of this filter, such as \"label == 'cat' and width > 1000\"."
)


@contextmanager
def usage(option: str | None = None) -> Iterator[None]:
    """A `ValueError` of what is done here is wrong usage: of this option, or of the command."""
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
