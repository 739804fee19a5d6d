"""How figures look: one place for colours, sizes and the drawing library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require

# Okabe and Ito's colours, told apart with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
RIGHT, WRONG, NEUTRAL = "#0072B2", "#D55E00", "#777777"


def figure(width: float, height: float) -> tuple[Any, Any]:
    """A matplotlib figure of that size in inches and its only axes. Raises `MissingExtra`."""
    matplotlib: Any = require("matplotlib", "train")
    matplotlib.use("Agg")
    plt: Any = require("matplotlib.pyplot", "train")
    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "podoba"})
    made: tuple[Any, Any] = plt.subplots(figsize=(width, height), layout="constrained")
    return made


def save(made: Any, path: Path) -> None:
    """Write a figure as the ending of the path says. Raises `PodobaError` where it cannot be written."""
    plt: Any = require("matplotlib.pyplot", "train")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        dated = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        made.savefig(path, dpi=120, metadata=dated)
    except OSError as error:
        raise PodobaError(f"{path}: the figure cannot be written ({error.strerror}): choose another place") from error
    finally:
        plt.close(made)
