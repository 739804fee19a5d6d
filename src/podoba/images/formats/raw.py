"""Raw photographs (DNG, CR2, NEF, ARW): the JPEG that the camera put into them.

They are TIFF files, and how the values of a sensor become colours is each maker's own affair; but each holds a JPEG of what the
camera made of them, mostly as large as the photograph. It is found by the directories of the file alone.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from podoba.errors import UnreadableImage

PHOTOMETRIC, STRIPS, STRIP_BYTES = 262, 273, 279  # TIFF tags
SUB_DIRECTORIES, JPEG_START, JPEG_BYTES = 330, 513, 514
OF_A_SENSOR = (32803, 34892)  # photometric interpretations: values behind colour filters, and linear ones
CANON = b"CR"  # at byte 8 of a CR2
DIRECTORIES = 64  # that are read at most, of hostile files
SIZES = {1: 1, 3: 2, 4: 4, 13: 4}  # bytes of a value, by TIFF type
CODES = {1: "B", 3: "H", 4: "I", 13: "I"}

Tags = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class Preview:
    """The largest JPEG of a raw photograph.

    Attributes:
        data: its bytes.
        exif: of the photograph; the JPEG itself seldom has any.
    """

    data: bytes
    exif: Image.Exif


def preview_of(data: bytes, uri: str) -> Preview | None:
    """The picture in a raw photograph; None for every other file.

    Raises:
        UnreadableImage: a raw photograph with no JPEG in it.
    """
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return None
    directories = list(_directories(data))
    if not directories or not (data[8:10] == CANON or any(tags.get(PHOTOMETRIC, (0,))[0] in OF_A_SENSOR for tags in directories)):
        return None
    jpegs = [data[start : start + size] for tags in directories for start, size in _parts(tags)]
    shown = [jpeg for jpeg in jpegs if _is_shown(jpeg)]
    if not shown:
        raise UnreadableImage(uri, "a raw photograph without a preview in it: save it as JPEG")
    return Preview(max(shown, key=len), _exif(data))


def _exif(data: bytes) -> Image.Exif:
    """The EXIF of a file, which is its first directory and those that it names; nothing where that cannot be understood."""
    exif = Image.Exif()
    try:
        exif.load_from_fp(io.BytesIO(data))
    except Exception:  # Pillow's reader throws far more than ValueError at what cameras leave
        return Image.Exif()
    return exif


def _directories(data: bytes) -> Iterator[Tags]:
    """The tags of each directory of a TIFF file, and of those that they name; what lies outside the file is left out."""
    order = "<" if data[:2] == b"II" else ">"
    waiting, seen = [struct.unpack_from(order + "I", data, 4)[0] if len(data) >= 8 else 0], set[int]()
    while waiting and len(seen) < DIRECTORIES:
        place = waiting.pop(0)
        if place in seen or not 8 <= place <= len(data) - 2:
            continue
        seen.add(place)
        count = struct.unpack_from(order + "H", data, place)[0]
        end = place + 2 + 12 * count
        if end > len(data):
            continue
        tags = dict(_entries(data, order, place + 2, count))
        yield tags
        waiting += tags.get(SUB_DIRECTORIES, ())
        if end + 4 <= len(data):
            waiting += struct.unpack_from(order + "I", data, end)


def _entries(data: bytes, order: str, place: int, count: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The whole numbers of a directory, by tag; at most one directory's worth of each."""
    for entry in range(place, place + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
        if kind not in CODES or not 0 < length <= DIRECTORIES:
            continue
        size = SIZES[kind] * length
        start = entry + 8 if size <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
        if start + size <= len(data):
            yield tag, struct.unpack_from(f"{order}{length}{CODES[kind]}", data, start)


def _parts(tags: Tags) -> Iterator[tuple[int, int]]:
    """Where parts of a file lie that a directory calls a JPEG, and how long they are."""
    if JPEG_START in tags and JPEG_BYTES in tags:
        yield tags[JPEG_START][0], tags[JPEG_BYTES][0]
    if len(tags.get(STRIPS, ())) == 1 == len(tags.get(STRIP_BYTES, ())):
        yield tags[STRIPS][0], tags[STRIP_BYTES][0]


def _is_shown(jpeg: bytes) -> bool:
    """Whether bytes are a JPEG of a picture: the sensor's own values are stored as JPEG too, but a lossless one."""
    place = 2
    while jpeg.startswith(b"\xff\xd8") and place + 4 <= len(jpeg) and jpeg[place] == 0xFF:
        marker = jpeg[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker in (0xC0, 0xC1, 0xC2)
        place += 1 if marker == 0xFF else 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    return False
