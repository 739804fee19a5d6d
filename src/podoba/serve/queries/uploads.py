"""Pictures that were sent: kept for a while under the sha256 of their bytes."""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from podoba.errors import UnreadableImage
from podoba.images.limits import TooManyPixels
from podoba.images.resize import PixelRule
from podoba.serve.bounded import Bounded
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.settings import QuerySettings

LONGEST_NAME = 200  # characters
SMALL = PixelRule(16)  # decoding a picture to so few pixels says whether it can be read, and a JPEG is decoded at a small scale


@dataclass(frozen=True)
class Upload:
    """A picture that was sent and can be read.

    Attributes:
        sha256: of its bytes, in hexadecimal digits.
        name: that its sender gave it, as text that can be shown; may be empty.
        width, height: pixels, upright.
        format: as Pillow names it.
    """

    sha256: str
    data: bytes
    name: str
    width: int
    height: int
    format: str

    def to_json(self) -> dict[str, str | int]:
        """What is answered to who sent it."""
        return {
            "upload": self.sha256, "name": self.name, "width": self.width, "height": self.height, "format": self.format
        }  # fmt: skip


class Uploads:
    """The uploads of a server, of all its clients; who knows the sha256 of a picture has the picture."""

    def __init__(self, decoders: Decoders, settings: QuerySettings) -> None:
        self._decoders = decoders
        self._kept: Bounded[str, Upload] = Bounded(settings.upload_bytes, lambda one: len(one.data), settings.upload_seconds)

    @property
    def bytes_kept(self) -> int:
        """Of all uploads that are kept."""
        return self._kept.weight

    def add(self, data: bytes, name: str = "") -> Upload:
        """Keep a picture. Raises `Problem` 422 where it cannot be read."""
        sha256 = hashlib.sha256(data).hexdigest()
        known = self._kept.get(sha256)
        if known is not None:
            return self.keep(replace(known, name=shown_name(name)))
        with readable():
            seen = self._decoders.pixels(data, SMALL)
        return self.keep(Upload(sha256, data, shown_name(name), seen.width, seen.height, seen.format))

    def keep(self, upload: Upload) -> Upload:
        """Keep a picture that was read already."""
        self._kept.put(upload.sha256, upload)
        return upload

    def get(self, sha256: str) -> Upload:
        """An upload. Raises `Problem` 410 where it is gone."""
        upload = self._kept.get(sha256)
        if upload is None:
            raise Problem(410, "upload_gone", "this picture was sent too long ago and is gone: send it again")
        return upload

    def preview(self, sha256: str, side: int) -> bytes:
        """A JPEG whose longer side has at most `side` pixels. Raises `Problem` 410."""
        upload = self.get(sha256)
        with readable():
            return self._decoders.preview(upload.data, side).jpeg


@contextmanager
def readable() -> Iterator[None]:
    """Inside, a picture that cannot be read is a `Problem` 422 which says why."""
    try:
        yield
    except UnreadableImage as error:
        code = "picture_too_large" if isinstance(error, TooManyPixels) else "unreadable_image"
        raise Problem(422, code, f"the picture cannot be read: {error.reason}", reason=error.reason) from error


def shown_name(name: str) -> str:
    """The last part of a file's name without what cannot be seen, such as marks that turn the direction of writing."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    return kept.strip()[:LONGEST_NAME]
