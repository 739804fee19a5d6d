"""The pictures of a report: each taken once from its source, made small, and named."""

import base64
import io
from collections.abc import Sequence

from PIL import Image

from podoba.errors import PodobaError
from podoba.images.decode import decode
from podoba.images.record import ImageRecord
from podoba.parallel import ahead

SIDE = 64  # pixels, of a picture in the page; smaller ones keep their size
QUALITY = 80
PART = 512  # pictures taken at a time
MOST_BYTES = 9_000_000  # of all pictures of a page, as text in it


class Pictures:
    """Pictures as data URIs by name, until they take more room than a page should have.

    Attributes:
        uris: data URI by name.
        full: whether a picture was refused for want of room.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.uris: dict[str, str] = {}
        self.full = False
        self._left = most_bytes

    def add(self, gallery: int | None, records: Sequence[ImageRecord], rows: Sequence[int]) -> None:
        """Take pictures of some records, in the order of importance, as long as there is room.

        Args:
            gallery: number of the gallery that the records are of; None: the queries.
        """
        names = {row: picture_name(gallery, row) for row in rows}
        wanted = [row for row, name in names.items() if name not in self.uris]
        # Sources that hold many images in one block are read in order, in parts small enough to stop when there is no more room.
        for start in range(0, len(wanted), PART):
            part = sorted(wanted[start : start + PART])
            uris = dict(zip(part, ahead((records[row] for row in part), data_uri), strict=True))
            for row in wanted[start : start + PART]:
                uri = uris[row]
                if uri is None:
                    continue
                if len(uri) > self._left:
                    self.full = True
                    return
                self._left -= len(uri)
                self.uris[names[row]] = uri


def picture_name(gallery: int | None, row: int) -> str:
    """`q-<row>` of a query, `g0-<row>` of an image of the first gallery."""
    return f"q-{row}" if gallery is None else f"g{gallery}-{row}"


def data_uri(record: ImageRecord) -> str | None:
    """A small picture of a record as `data:image/webp`; None where it can no longer be read."""
    try:
        picture = decode(record.open(), record.uri, SIDE)
    except PodobaError:
        return None
    return encoded(picture, SIDE)


def encoded(picture: Image.Image, side: int) -> str:
    """A picture as a data URI, no side longer than `side`."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode("ascii")
