"""Pictures in a terminal: by its own protocol where it has one, else as coloured half blocks.

What a terminal can do is read from the environment: a question to the terminal costs time, and some never answer.
"""

import base64
import io
import struct
import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageOps

if sys.platform != "win32":
    import fcntl
    import termios

CELL = (10, 20)  # pixels of a character where the terminal does not say
WIDE, HIGH = 16, 8  # characters of a picture
GAP = 2
CHUNK = 4096  # bytes of one piece, which Kitty's protocol does not allow to be longer

Draw = Callable[[Image.Image, int, int], str]
"""From a picture and its size in characters to what is to be written."""


def protocol_of(environment: Mapping[str, str]) -> str | None:
    """`kitty` or `iterm2`; None where the terminal has none, or is behind a multiplexer that may swallow it."""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "").lower()
    if "TMUX" in environment or "STY" in environment or term.startswith(("screen", "tmux")):
        return None
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or program == "ghostty":
        return "kitty"
    if program in ("iterm.app", "wezterm", "mintty") or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    return None


def can_encode(text: str, encoding: str) -> bool:
    """Whether an encoding has the letters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def strip(pictures: Sequence[tuple[Image.Image | None, str]], width: int, how: str, environment: Mapping[str, str]) -> str:
    """Pictures side by side in as many rows as they need, each with a caption below.

    Args:
        pictures: with captions; None where a picture cannot be read.
        width: characters of the terminal.
        how: a protocol, or `half-blocks`.
    """
    across = max(1, (width + GAP) // (WIDE + GAP))
    rows = [pictures[start : start + across] for start in range(0, len(pictures), across)]
    return "".join(_row(row, how, environment) for row in rows)


def _row(row: Sequence[tuple[Image.Image | None, str]], how: str, environment: Mapping[str, str]) -> str:
    columns = len(row) * (WIDE + GAP) - GAP
    cell = (1, 2) if how == "half-blocks" else cell_pixels()
    side = (WIDE * cell[0], HIGH * cell[1])
    sheet = Image.new("RGBA", (columns * cell[0], side[1]), (0, 0, 0, 0))
    for place, (picture, _) in enumerate(row):
        if picture is not None:
            small = ImageOps.contain(picture, side)
            left = place * (WIDE + GAP) * cell[0] + (side[0] - small.width) // 2
            sheet.paste(small, (left, (side[1] - small.height) // 2))
    captions = (" " * GAP).join(caption[:WIDE].ljust(WIDE) for _, caption in row).rstrip()
    if how == "half-blocks":
        drawn = half_blocks(sheet, exact=environment.get("COLORTERM", "") in ("truecolor", "24bit"))
    else:
        drawn = PROTOCOLS[how](sheet, columns, HIGH)
    return f"{drawn}\n{captions}\n"


def half_blocks(sheet: Image.Image, *, exact: bool) -> str:
    """A picture whose pixels are half characters: the upper half coloured as letter, the lower one as ground.

    Args:
        sheet: RGBA, of even height; what is transparent stays the terminal's own ground.
        exact: 24-bit colours rather than the 216 that every terminal has.
    """
    pixels = np.asarray(sheet)
    lines = []
    for upper, lower in zip(pixels[::2], pixels[1::2], strict=True):
        line = ""
        for top, bottom in zip(upper, lower, strict=True):
            if top[3] and bottom[3]:
                line += f"\x1b[38;{_colour(top, exact)};48;{_colour(bottom, exact)}m▀\x1b[0m"
            elif top[3] or bottom[3]:
                line += f"\x1b[38;{_colour(top if top[3] else bottom, exact)}m{'▀' if top[3] else '▄'}\x1b[0m"
            else:
                line += " "
        lines.append(line.rstrip(" "))
    return "\n".join(lines)


def kitty(sheet: Image.Image, columns: int, rows: int) -> str:
    """By Kitty's graphics protocol: a PNG in pieces, put at the cursor; q=2: the terminal is to answer nothing."""
    data = base64.b64encode(_png(sheet)).decode()
    pieces = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    first = f"a=T,f=100,c={columns},r={rows},q=2,"
    more = [f"\x1b_G{first if i == 0 else ''}m={int(i + 1 < len(pieces))};{piece}\x1b\\" for i, piece in enumerate(pieces)]
    return "".join(more)


def iterm2(sheet: Image.Image, columns: int, rows: int) -> str:
    """By iTerm2's inline images."""
    data = _png(sheet)
    facts = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0"
    return f"\x1b]1337;File={facts}:{base64.b64encode(data).decode()}\a"


PROTOCOLS: dict[str, Draw] = {"kitty": kitty, "iterm2": iterm2}


def cell_pixels() -> tuple[int, int]:
    """Width and height of a character in pixels, as the terminal on stdout says."""
    if sys.platform == "win32":
        return CELL
    try:
        rows, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8))
    except (OSError, ValueError):
        return CELL
    return (width // columns, height // rows) if rows and columns and width >= columns and height >= rows else CELL


def _colour(pixel: np.ndarray, exact: bool) -> str:
    red, green, blue = (int(c) for c in pixel[:3])
    if exact:
        return f"2;{red};{green};{blue}"
    r, g, b = (round(c * 5 / 255) for c in (red, green, blue))
    return f"5;{16 + 36 * r + 6 * g + b}"


def _png(sheet: Image.Image) -> bytes:
    file = io.BytesIO()
    sheet.save(file, "PNG", compress_level=1)
    return file.getvalue()
