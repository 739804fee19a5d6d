"""What a camera wrote into a picture: when, with what, and where it was taken."""

import math
import re
from typing import Any

from PIL import ExifTags, Image

from podoba.images.record import Attribute

NAMES = ("taken", "camera", "latitude", "longitude")
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")
LONGEST = 100  # letters of a camera's name


def read_exif(picture: Image.Image) -> dict[str, Attribute]:
    """The attributes of `NAMES` that an opened picture has.

    `taken` is the camera's own clock as ISO 8601 text, which sorts by time; `latitude` and `longitude` are degrees, south and
    west negative. What is not understood is left out.
    """
    try:
        exif = picture.getexif()
        if not exif:
            return {}
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # Pillow's reader throws far more than ValueError at what cameras and editors leave
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
