"""A process that decodes pictures one after the other: `python -m podoba.serve.decoding.worker`, messages as of `frames`.

A request has `operation`, `name`, `most` (pixels in memory), `memory` (bytes of the process) and what the operation needs; its
body is the encoded image. The answer has `width`, `height` and `format` and a body, or `error` (a name of `ERRORS`) and `reason`.
"""

import contextlib
import io
import os
import sys
from dataclasses import replace
from typing import IO, Any

from podoba.errors import SourceError, UnreadableImage
from podoba.images.decode import decode_picture, decode_pixels
from podoba.images.formats.openers import MissingDecoder
from podoba.images.limits import LIMITS, DecodeLimits, TooManyPixels
from podoba.images.resize import PixelRule
from podoba.serve.decoding.frames import read_frame, write_frame

ERRORS = {TooManyPixels: "large", MissingDecoder: "missing", UnreadableImage: "unreadable", SourceError: "outside"}
Answer = tuple[dict[str, Any], bytes]


def pixels(data: bytes, head: dict[str, Any], limits: DecodeLimits) -> Answer:
    """Pixels for an encoder, as `decode_pixels`: `rule` (fields of `PixelRule`) and `box` (None: the whole)."""
    rule = head["rule"]
    fill = None if rule["fill"] is None else tuple(rule["fill"])
    box = None if head["box"] is None else tuple(head["box"])
    decoded = decode_pixels(data, head["name"], PixelRule(**rule | {"fill": fill}), box, limits)
    return _facts(decoded.width, decoded.height, decoded.format), decoded.pixels.tobytes()


def preview(data: bytes, head: dict[str, Any], limits: DecodeLimits) -> Answer:
    """An upright JPEG whose longer side has at most `side` pixels, of a `quality`."""
    seen, file = decode_picture(data, head["name"], head["side"], limits), io.BytesIO()
    seen.picture.save(file, "JPEG", quality=head["quality"], comment=b"")  # that of the file would be copied
    return _facts(seen.width, seen.height, seen.format), file.getvalue()


OPERATIONS = {"pixels": pixels, "preview": preview}


def answer(data: bytes, head: dict[str, Any]) -> Answer:
    """What a request is answered."""
    limits = replace(LIMITS, decoded=head["most"], exact=LIMITS.decoded)
    try:
        return OPERATIONS[head["operation"]](data, head, limits)
    except (UnreadableImage, SourceError) as error:
        match error:
            case MissingDecoder():
                reason = error.kind.name
            case UnreadableImage():
                reason = error.reason
            case _:
                reason = str(error).removeprefix(f"{head['name']}: ")
        return {"error": ERRORS[type(error)], "reason": reason}, b""


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while True:
        try:
            head, data = read_frame(requests)
        except EOFError:
            return
        limit_memory(head["memory"])
        write_frame(answers, *answer(data, head))


def limit_memory(most: int) -> None:
    """Let this process have at most so many bytes now, where the system can limit them; what needs more is a `MemoryError`."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses it
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _facts(width: int, height: int, kind: str) -> dict[str, Any]:
    return {"width": width, "height": height, "format": kind}


def main() -> None:
    """Serve the standard input; what libraries print goes to the standard error instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
