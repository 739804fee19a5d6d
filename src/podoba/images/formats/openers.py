"""Encoded bytes opened as a picture that is not decoded yet, by the decoders that are allowed."""

import io
from collections.abc import Callable
from importlib import import_module
from typing import Self

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from podoba.errors import UnreadableImage
from podoba.images.formats.pillow import silence_libtiff
from podoba.images.formats.wide_colors import mend_planes
from podoba.images.formats.words import NotAPicture, what_it_is
from podoba.images.kinds import KINDS, Kind

BY_PILLOW = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    "BMP",
    "TIFF",
    "PPM",
    "AVIF",
    "ICO",
    "TGA",
    "JPEG2000",
    "PSD",
)  # the rest are not asked
FORMATS = (*BY_PILLOW, "MPO", "HEIF", "JXL", "RAW")  # that a decoded picture may have: Pillow opens MPO as JPEG
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
JXL_BEGINNINGS = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
VERSION_INFO, MULTICHANNEL = 1057, b"\0\7"  # a resource of a PSD, and a colour mode


class MissingDecoder(UnreadableImage):
    """A picture of a kind that only an extra reads, which is not installed."""

    def __init__(self, uri: str, kind: Kind) -> None:
        super().__init__(uri, f"{kind.name}: {kind.advice}")
        self.kind = kind

    def __reduce__(self) -> tuple[type[Self], tuple[str, Kind]]:  # type: ignore[override]
        return type(self), (self.uri, self.kind)


def open_picture(data: bytes, uri: str) -> ImageFile:
    """A picture whose header was read.

    Raises:
        UnreadableImage: no allowed decoder takes it, or that of an extra which is not installed.
        Exception: whatever a decoder throws at a damaged header.
    """
    if data[4:8] == b"ftyp" and _is_heif(data):
        return _by_extra("heic", "pillow_heif", "HeifImageFile", data, uri)
    if data.startswith(JXL_BEGINNINGS):
        return _by_extra("jxl", "pylibjxl.pillow_plugin", "JxlImageFile", data, uri)
    try:
        picture = Image.open(io.BytesIO(data), formats=BY_PILLOW)
    except UnidentifiedImageError as error:
        raise UnreadableImage(uri, what_it_is(data)) from error
    if picture.format == "TIFF":
        silence_libtiff()
        picture.load_end = _nothing  # type: ignore[method-assign]
        mend_planes(picture)
    elif picture.format == "PSD":
        _refuse_layers_only(picture, data)
    return picture


def _is_heif(data: bytes) -> bool:
    """Whether a file of boxes is HEIF and not AVIF, which Pillow reads by itself."""
    brands = data[8 : min(int.from_bytes(data[:4]), 256)]
    return brands[:4] in HEIF_BRANDS and not (b"avif" in brands or b"avis" in brands)


def _by_extra(extra: str, module: str, name: str, data: bytes, uri: str) -> ImageFile:
    """A picture opened by the class of an extra, which is imported now; Pillow of the whole process is left as it is."""
    kind = next(kind for kind in KINDS if kind.extra == extra)
    if not kind.is_read:
        raise MissingDecoder(uri, kind)
    opener: Callable[[io.BytesIO], ImageFile] = getattr(import_module(module), name)
    return opener(io.BytesIO(data))


def _refuse_layers_only(picture: ImageFile, data: bytes) -> None:
    """A PSD holds, beside its layers, the picture that they make; but not always, and Pillow would give a blank one."""
    resources: list[tuple[int, bytes, bytes]] = picture.resources  # type: ignore[attr-defined]
    has_picture = all(content[4:5] != b"\0" for number, _, content in resources if number == VERSION_INFO)
    if not has_picture or data[24:26] == MULTICHANNEL:
        raise NotAPicture("a PSD of layers alone or of spot colours: save it with maximum compatibility, or as PNG")


def _nothing() -> None:
    """In place of what Pillow does once a TIFF is decoded: it turns it and writes its EXIF anew, and fails where it cannot."""
