"""How figures look: one place for colours, sizes, names and the drawing library."""

import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require

# Okabe and Ito's colours, distinct with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
RIGHT, WRONG, NEUTRAL = "#0072B2", "#D55E00", "#777777"
NAME = 40  # letters of a name, beyond which its middle is left out
# For the letters that Matplotlib's own font does not have; those that are installed are asked in this order.
FONTS = (
    "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Hiragino Sans", "PingFang SC", "Arial Unicode MS", "Noto Sans Arabic",
    "Noto Sans Devanagari", "Noto Sans Thai", "Segoe UI Symbol", "Noto Sans Symbols", "Noto Emoji",
)  # fmt: skip


def plain(name: str, most: int = NAME) -> str:
    """A name that a person gave, as one line of a figure: what cannot be printed as `?`, and of a long one both ends."""
    text = " ".join("".join(c if c.isprintable() or c.isspace() else "?" for c in name).split())
    return text if len(text) <= most else f"{text[: most - most // 3]}…{text[len(text) - most // 3 + 1 :]}"


def legend(place: Any, handles: Sequence[Any], names: Sequence[str], **look: Any) -> None:
    """A legend of a figure or of axes; every name has its entry, also `_name`, which Matplotlib takes for a hidden one."""
    if handles:
        drawn = place.legend(handles, ["name"] * len(handles), **look)
        for text, name in zip(drawn.get_texts(), names, strict=True):
            text.set_text(plain(name))


def figure(width: float, height: float) -> tuple[Any, Any]:
    """A matplotlib figure of that size in inches and its only axes. Raises `MissingExtra`."""
    drawn, axes = _pyplot().subplots(figsize=(width, height), layout="constrained")
    return drawn, axes


def grid(rows: int, columns: int, width: float, height: float) -> tuple[Any, list[Any]]:
    """A figure of panels, each of that size in inches, and their axes row by row. Raises `MissingExtra`."""
    drawn, axes = _pyplot().subplots(rows, columns, figsize=(columns * width, rows * height), layout="constrained", squeeze=False)
    return drawn, list(axes.ravel())


def _pyplot() -> Any:
    matplotlib: Any = require("matplotlib", "train")
    matplotlib.use("Agg")
    plt: Any = require("matplotlib.pyplot", "train")
    plt.rcParams.update({
        "font.size": 10, "font.family": _fonts(), "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "podoba",
        "text.parse_math": False,  # a class may be called $x_$
    })  # fmt: skip
    return plt


@cache
def _fonts() -> list[str]:
    manager: Any = require("matplotlib.font_manager", "train")
    installed = {font.name for font in manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in FONTS if name in installed)]


def save(drawn: Any, *paths: Path) -> None:
    """Write a figure to each path, as its ending says, and close it. Raises `PodobaError` where one cannot be written."""
    plt: Any = require("matplotlib.pyplot", "train")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a box is drawn for it
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True)
                undated = {"Date": None} if path.suffix == ".svg" else {"Software": None}
                drawn.savefig(path, dpi=120, metadata=undated)
                drawn.set_layout_engine("none")  # computed once, the layout is the same for every form
    except OSError as error:
        raise PodobaError(f"{path}: the figure cannot be written ({error.strerror}): choose another place") from error
    finally:
        plt.close(drawn)
