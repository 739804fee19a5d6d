"""The images of a shard that have no descriptor, as a file beside those that have one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from podoba.collection.update.decoded_image import DecodedImage
from podoba.files import shown


@dataclass(frozen=True)
class SkippedImage:
    """An image that was left out.

    Attributes:
        uri, stamp: as of `ImageRecord`.
        reason: why.
        damaged: whether its bytes are no image: it need not be tried again before they change.
    """

    uri: str
    reason: str
    stamp: str | None = None
    damaged: bool = False

    @staticmethod
    def of(image: DecodedImage) -> SkippedImage:
        """Of an image that could not be read, or has no descriptor."""
        record = image.change.record
        return SkippedImage(record.uri, shown(image.reason or ""), record.stamp, image.damaged)


def skipped_text(source: str, images: Sequence[SkippedImage]) -> str:
    """Images as JSON, and the source that they are of."""
    return json.dumps({"source": source, "skipped": [vars(image) for image in images]}, indent=1) + "\n"


def read_skipped(file: IO[bytes]) -> list[SkippedImage]:
    """The images of an open file. Raises `ValueError` where it is damaged."""
    try:
        values: Any = json.loads(file.read())
        return [SkippedImage(**image) for image in values["skipped"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no list of skipped images ({error})") from error
