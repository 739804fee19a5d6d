"""What is read from files may name places on this machine: clients are told them only where the person who serves wants it."""

import re

ABSOLUTE = re.compile(r"[\\/~]|[A-Za-z]:[\\/]")
WITHIN = re.compile(  # an absolute place, or one that ends in the name of a file
    r"""(?:^|[\s"'(=:])[\\/~]|\b[A-Za-z]:[\\/]|[\\/][^\s\\/]*\.\w{2,11}\b"""
)


def told(text: str | None, show_paths: bool) -> str | None:
    """A sentence as a client may read it; None where it may name a place and places are not shown."""
    return None if text is None or (not show_paths and WITHIN.search(text)) else text


def short(name: str, show_paths: bool) -> str:
    """A name, such as that of images or of a model: of a place only its last part where places are not shown."""
    if show_paths or not ABSOLUTE.match(name):
        return name
    return next((part for part in reversed(re.split(r"[\\/]", name)) if part), name)
