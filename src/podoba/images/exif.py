"""What a camera wrote into a picture: when, with what, and where it was taken."""

import math
import re
from typing import Any

from PIL import ExifTags, Image

from podoba.images.record import Attribute

NAMES = ("taken", "camera", "latitude", "longitude")
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")
LONGEST = 100  # letters of a camera's name


def exif_of(picture: Image.Image) -> Image.Exif:
    """What an opened picture says of itself; nothing where that cannot be understood.

    A PNG is decoded for it by Pillow, and decoding is where damage shows: `Image.load` first.
    """
    try:
        return picture.getexif()
    except Exception:  # Pillow's reader throws far more than ValueError at what cameras and editors leave
        return Image.Exif()


def orientation_of(exif: Image.Exif | None) -> int:
    """How a picture must be turned, from 1 (it is upright) to 8; 1 where no such number is written."""
    value = None if exif is None else exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_exif(exif: Image.Exif) -> dict[str, Attribute]:
    """The attributes of `NAMES` that are written.

    `taken` is the camera's own clock as ISO 8601 text, which sorts by time; `latitude` and `longitude` are degrees, south and
    west negative. What is not understood is left out.
    """
    if not exif:
        return {}
    try:
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # as in `exif_of`
        return {}
    time = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    found: dict[str, Attribute] = {
        "taken": _time(time),
        "camera": _camera(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model)),
        "latitude": _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "S", 90),
        "longitude": _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "W", 180),
    }
    return {name: value for name, value in found.items() if value is not None}


def _time(value: Any) -> str | None:
    match = _TIME.match(value) if isinstance(value, str) else None
    if match is None or match[1] == "0000":
        return None
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}"


def _camera(make: Any, model: Any) -> str | None:
    words = [" ".join(part.replace("\0", " ").split()) for part in (make, model) if isinstance(part, str)]
    words = [word for word in words if word]
    if len(words) == 2 and words[1].lower().startswith(words[0].lower()):
        words = words[1:]  # many makers repeat their name
    return " ".join(words)[:LONGEST] or None


def _degrees(parts: Any, reference: Any, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or abs(value) > most or not isinstance(reference, str):
        return None
    return round(-value if reference.strip().upper().startswith(negative) else value, 6)
