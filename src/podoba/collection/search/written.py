"""Queries as a person writes them on a command line: `a.jpg@0.5`, `id:ID`, `text:WORDS`, and boxes `x,y,width,height`."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from podoba.collection.search.query import Part
from podoba.collection.search.words import is_words, words_of
from podoba.images.decode import Box

WEIGHT = re.compile(r"(.+)@([0-9]*\.?[0-9]+)", re.DOTALL)


def parse_part(text: str, box: Box | None = None) -> Part:
    """The part that `a.jpg`, `a.jpg@0.5` (with a weight), `id:ID` or `text:WORDS` names; a file whose own name ends like that is
    that file.

    Raises:
        ValueError: a weight of zero, or no words.
    """
    match = WEIGHT.fullmatch(text)
    if match is None or (not is_words(text) and Path(text).expanduser().exists()):
        part = Part(text, None, box)
    elif not float(match[2]):
        raise ValueError(f"{text}: the weight of an image is a number above zero")
    else:
        part = Part(match[1], float(match[2]), box)
    if is_words(part.image):
        words_of(part.image)
    return part


def parse_parts(texts: Sequence[str], boxes: Sequence[str] = ()) -> list[Part]:
    """The parts that texts name as in `parse_part`, the first pictures with boxes as in `parse_box`. Raises `ValueError`."""
    pictures = sum(not is_words(text) for text in texts)
    if len(boxes) > pictures:
        raise ValueError(f"{len(boxes)} boxes for {pictures} pictures")
    drawn = iter([parse_box(text) for text in boxes])
    return [parse_part(text, None if is_words(text) else next(drawn, None)) for text in texts]


def parse_box(text: str) -> Box:
    """Four numbers x,y,width,height. Raises `ValueError`."""
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(np.isfinite(numbers)) or numbers[2] <= 0 or numbers[3] <= 0:
        raise ValueError(f"a box is x,y,width,height in pixels, such as 10,20,200,150; not {text!r}")
    return numbers[0], numbers[1], numbers[2], numbers[3]
