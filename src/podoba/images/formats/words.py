"""What the errors of decoders mean, in words."""

import re

UNKNOWN = "not an image of a known format"
DAMAGED = "damaged: its contents cannot be decoded"
CUT_OFF = "cut off: the end of the file is missing"
TOO_LARGE = "too large for the memory"
TOO_MANY = "more than can be decoded"
UNUSUAL = "of an unusual kind that cannot be decoded: save it anew, as PNG or JPEG"

_MEANINGS = (
    (r"\ballocat", TOO_LARGE),  # as libheif says that there is no memory
    (r"truncated|unexpected end|not enough|buffer is not large enough|no more data|end of file", CUT_OFF),
    (r"not supported|unsupported|cannot handle|not implemented|unknown (pixel|data)|unrecognized (image )?mode", UNUSUAL),
    (r"too large|decompressed data", "damaged: it claims more data than a picture has"),
)
_BEGINNINGS = (
    (rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|RIFF....WEBP|8BPS|\xff\x4f\xff\x51", DAMAGED),
    (rb"II\*\0|MM\0\*", "a TIFF that is damaged, or of an unusual kind such as 64-bit numbers: save it anew, as PNG or JPEG"),
    (rb"....ftyp(avif|avis|hei|mif1)", DAMAGED),
    (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", "a video: save frames of it as pictures"),
    (rb"%PDF|%!PS", "a document, no picture"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg", "an SVG drawing: save it as PNG"),
    (rb"\s*<(!doctype\s+)?html", "a web page, no picture"),
    (rb"PK\x03\x04", "an archive, no picture"),
    (rb"version https://git-lfs", "a Git LFS pointer: fetch the picture by `git lfs pull`"),
)


class NotAPicture(Exception):
    """A file that decodes, to something that cannot be shown; the text says what."""


def meaning_of(error: Exception) -> str:
    """What an error means that a decoder threw at an image, without its own text, which says little to most people."""
    if isinstance(error, MemoryError):
        return TOO_LARGE
    if isinstance(error, NotAPicture):
        return str(error)
    if isinstance(error, KeyError):  # a number of a header that is in none of Pillow's tables
        return UNUSUAL
    text = str(error)
    if claimed := re.search(r"\((\d+) pixels\) exceeds limit", text):
        return f"{claimed[1]} pixels, {TOO_MANY}: save a smaller copy, as JPEG"
    return next((meaning for pattern, meaning in _MEANINGS if re.search(pattern, text, re.IGNORECASE)), DAMAGED)


def what_it_is(data: bytes) -> str:
    """Why bytes that no decoder takes are no picture, by how they begin."""
    flags = re.IGNORECASE | re.DOTALL
    return next((words for pattern, words in _BEGINNINGS if re.match(pattern, data[:1000], flags)), UNKNOWN)
