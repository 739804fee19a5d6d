"""Why an image of a group is kept, and what a copy is to it, as facts that a page says in its own language."""

import re
from collections.abc import Mapping

from podoba.images.compare.pixel_similarity import TURNS

Fact = Mapping[str, str | float]
"""A `code`, and the values that its sentence needs."""

SIZE = r"(?P<width>\d+)x(?P<height>\d+)"
KEPT = {
    r"in a reference folder": "reference",
    r"as was decided": "decided",
    r"in colour": "colour",
    rf"most detail, {SIZE}": "detail",
    r"as the camera wrote it \((?P<camera>.*)\)": "camera",
    r"the other was made from it": "original",
    r"with the files that belong to it": "companions",
    r"earliest": "earliest",
    rf"most pixels, {SIZE}": "pixels",
    r"lossless (?P<format>\S+)": "lossless",
    r"most bytes": "bytes",
    r"the first of equals": "equals",
    r"the one that was better is gone": "remaining",
}
COPY = {
    r"identical bytes": "identical",
    r"same picture": "same",
    r"edited: (?P<share>\d+)% of it is the same": "edited",
    r"a part: (?P<share>\d+)% of it": "part",
    r"shows more: the kept one is a part: (?P<share>\d+)% of it": "whole",
    r"similarity (?P<similarity>[\d.]+)": "near",
    r"without colour": "grey",
    r"other colours": "colours",
    r"mirrored": "mirrored",
    **dict(zip(TURNS[1:], ("turned_left", "upside_down", "turned_right"), strict=True)),
    SIZE: "size",
    r"(?P<format>[A-Z][A-Z0-9]+)": "format",
    r"kept too: in a reference folder": "reference",
}
NUMBERS = {"share": 0.01, "similarity": 1.0, "width": 1.0, "height": 1.0}


def facts_of(reason: str) -> list[Fact]:
    """The facts of `Copy.reason`; what is none of the known ones is a fact of the code `said` with its English `text`."""
    if reason.startswith("kept: "):
        return [_fact(reason.removeprefix("kept: "), KEPT)]
    return [_fact(part, COPY) for part in re.split(r"[,;] | and ", reason)]


def _fact(text: str, known: Mapping[str, str]) -> Fact:
    for pattern, code in known.items():
        found = re.fullmatch(pattern, text)
        if found is not None:
            values = {name: value for name, value in found.groupdict().items() if value is not None}
            return {"code": code, **{name: _value(name, value) for name, value in values.items()}}
    return {"code": "said", "text": text}


def _value(name: str, text: str) -> str | float:
    return round(float(text) * NUMBERS[name], 4) if name in NUMBERS else text
