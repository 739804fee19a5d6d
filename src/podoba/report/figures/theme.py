"""How figures look: one place for colours, sizes and the drawing library."""

from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require

# Okabe and Ito's colours, distinct with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
RIGHT, WRONG, NEUTRAL = "#0072B2", "#D55E00", "#777777"


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
    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "podoba"})
    return plt


def save(drawn: Any, *paths: Path) -> None:
    """Write a figure to each path, as its ending says, and close it. Raises `PodobaError` where one cannot be written."""
    plt: Any = require("matplotlib.pyplot", "train")
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            undated = {"Date": None} if path.suffix == ".svg" else {"Software": None}
            drawn.savefig(path, dpi=120, metadata=undated)
            drawn.set_layout_engine("none")  # computed once, the layout is the same for every form
    except OSError as error:
        raise PodobaError(f"{path}: the figure cannot be written ({error.strerror}): choose another place") from error
    finally:
        plt.close(drawn)
