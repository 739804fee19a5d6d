"""Result sheets: a query and its results, as one picture. Needs Pillow alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from podoba.errors import PodobaError
from podoba.report.figures.theme import NEUTRAL, RIGHT, WRONG, plain

CELL, GAP, TEXT, FRAME = 128, 14, 36, 5
ACROSS = 10  # results in a line: about as wide as a screen


@dataclass(frozen=True)
class Tile:
    """A picture with two lines of text under it.

    Attributes:
        picture: RGB, any size; None where it cannot be read.
        right: whether it is of the query's class: shown by frame and sign; None: not known.
    """

    picture: Image.Image | None
    title: str
    note: str = ""
    right: bool | None = None


def result_sheet(rows: Sequence[tuple[Tile, Sequence[Tile]]], path: Path) -> None:
    """Draw a row a query: the query left, its results right of it, nearest first, in as many lines as they need.

    Raises:
        PodobaError: the picture cannot be written.
    """
    columns = 1 + min(ACROSS, max((len(hits) for _, hits in rows), default=0))
    lines = [max(1, math.ceil(len(hits) / ACROSS)) for _, hits in rows]
    step_x, step_y = CELL + GAP, CELL + TEXT + GAP
    sheet = Image.new("RGB", (columns * step_x + 2 * GAP, max(1, sum(lines)) * step_y + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    top = GAP
    for (query, hits), height in zip(rows, lines, strict=True):
        _tile(sheet, draw, query, GAP, top, "#000000")
        for place, hit in enumerate(hits):
            y, x = divmod(place, ACROSS)
            colour = NEUTRAL if hit.right is None else RIGHT if hit.right else WRONG
            _tile(sheet, draw, hit, 2 * GAP + (x + 1) * step_x, top + y * step_y, colour)
        line = GAP + CELL + GAP
        draw.line([(line, top), (line, top + height * step_y - GAP)], fill="#bbbbbb", width=1)
        top += height * step_y
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path)
    except (OSError, ValueError) as error:
        raise PodobaError(f"{path}: the picture cannot be written ({error}): end the name in .png and choose a place") from error


def _tile(sheet: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, x: int, y: int, colour: str) -> None:
    font = ImageFont.load_default(12)
    if tile.picture is None:
        draw.text((x + 12, y + CELL // 2 - 8), "cannot be read", "black", font)
    else:
        side = max(tile.picture.size)
        scale = CELL / side
        size = (max(1, round(tile.picture.width * scale)), max(1, round(tile.picture.height * scale)))
        # Small pictures are shown with their pixels as they are.
        filter_ = Image.Resampling.NEAREST if side < CELL // 2 else Image.Resampling.LANCZOS
        sheet.paste(tile.picture.resize(size, filter_), (x + (CELL - size[0]) // 2, y + (CELL - size[1]) // 2))
    draw.rectangle([x, y, x + CELL - 1, y + CELL - 1], outline=colour, width=FRAME if colour != "#000000" else 2)
    if tile.right is not None:
        _sign(draw, x + CELL - 24, y + 4, tile.right, colour)
    draw.text((x, y + CELL + 3), _fit(draw, tile.title, font), "black", font)
    draw.text((x, y + CELL + 18), _fit(draw, tile.note, font), "#444444", font)


def _sign(draw: ImageDraw.ImageDraw, x: int, y: int, right: bool, colour: str) -> None:
    """A tick or a cross, drawn, since not every font has them."""
    draw.rectangle([x, y, x + 20, y + 20], fill=colour)
    if right:
        draw.line([(x + 4, y + 11), (x + 8, y + 15), (x + 16, y + 5)], fill="white", width=3)
    else:
        draw.line([(x + 5, y + 5), (x + 15, y + 15)], fill="white", width=3)
        draw.line([(x + 15, y + 5), (x + 5, y + 15)], fill="white", width=3)


def _fit(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    most = len(text)
    while most > 1 and draw.textlength(plain(text, most), font) > CELL:
        most -= 1
    return plain(text, most)
