"""Kinds of files by the endings of their names: pictures that are read, those that an extra reads, and those that are not."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

PICTURES = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        *(".png", ".apng", ".webp", ".gif", ".bmp", ".ico", ".tga", ".avif"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".psd"),
        *(".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
        *(".dng", ".cr2", ".nef", ".nrw", ".arw"),
    ]
)
"""Endings of pictures that are read by whatever is installed, lower case."""


@dataclass(frozen=True)
class Kind:
    """Files that are read only with an extra, or not at all.

    Attributes:
        name: as a person calls it.
        endings: lower case, with the dot.
        advice: what a person can do, as the end of a sentence.
        extra: of podoba, that brings the decoder; None: there is none.
        module: that the extra brings.
    """

    name: str
    endings: tuple[str, ...]
    advice: str
    extra: str | None = None
    module: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether its decoder is installed."""
        return self.module is not None and _is_installed(self.module)


def _with_extra(name: str, extra: str, module: str, *endings: str) -> Kind:
    return Kind(name, endings, f"pip install 'podoba[{extra}]' reads them", extra, module)


KINDS = (
    _with_extra("HEIC", "heic", "pillow_heif", ".heic", ".heif", ".hif", ".heics", ".heifs"),
    _with_extra("JPEG XL", "jxl", "pylibjxl", ".jxl"),
    Kind("raw photograph", (".cr3", ".crw", ".raf", ".orf", ".rw2", ".x3f", ".3fr", ".iiq"), "save as DNG or JPEG"),
    Kind("drawing", (".svg", ".svgz", ".eps", ".ai", ".wmf", ".emf"), "save as PNG"),
    Kind("picture of an editor", (".psb", ".xcf", ".kra", ".ora", ".afphoto", ".clip"), "save as PNG"),
    Kind("high dynamic range picture", (".exr", ".hdr", ".dds"), "save as PNG"),
    Kind(
        "video",
        (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".3gp", ".mts", ".m2ts", ".ogv", ".flv"),
        "save frames of it as pictures",
    ),
)
"""What is not read without more; its advice says what to do."""

_BY_ENDING: Mapping[str, Kind] = {ending: kind for kind in KINDS for ending in kind.endings}


def ending_of(name: str) -> str:
    """The ending of a file's name, lower case, with the dot; empty where it has none."""
    return os.path.splitext(name)[1].lower()


def is_picture(name: str) -> bool:
    """Whether a file of this name is read as a picture, with what is installed."""
    ending = ending_of(name)
    return ending in PICTURES or (ending in _BY_ENDING and _BY_ENDING[ending].is_read)


def kind_passed_over(name: str) -> Kind | None:
    """The kind of a file that is a picture or a video and is not read; None for a picture that is read, and for other files."""
    kind = _BY_ENDING.get(ending_of(name))
    return None if kind is None or kind.is_read else kind


@cache
def _is_installed(module: str) -> bool:
    return find_spec(module) is not None
