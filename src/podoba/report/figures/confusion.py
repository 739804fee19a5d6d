"""The confusion matrix as a picture."""

from collections.abc import Sequence
from pathlib import Path

from podoba.metrics.confusion import Matrix
from podoba.report.figures.theme import figure, plain, save

MANY = 40  # classes from which on not every one can be named
NAME = 22  # letters of a class
NUMBERED = 14  # classes up to which every cell shows its number


def confusion_figure(matrix: Matrix, classes: Sequence[str], *paths: Path) -> None:
    """Draw a row-normalised confusion matrix (C, C): row = class of the query, column = class of what it retrieved."""
    n = len(classes)
    side = min(14.0, max(4.5, 1.5 + 0.42 * n if n <= MANY else 11.0))
    drawn, axes = figure(side + 1.2, side)
    image = axes.imshow(matrix, cmap="cividis", vmin=0, vmax=max(float(matrix.max(initial=0)), 1e-9))
    shown = range(0, n, max(1, -(-n // MANY)))
    axes.set_xticks(shown, [plain(classes[i], NAME) for i in shown], rotation=90)
    axes.set_yticks(shown, [plain(classes[i], NAME) for i in shown])
    axes.set(xlabel="retrieved", ylabel="query")
    axes.spines[:].set_visible(False)
    if n <= NUMBERED:
        middle = float(matrix.max(initial=0)) / 2
        for row in range(n):
            for column in range(n):
                value = matrix[row, column]
                colour = "black" if value > middle else "white"
                axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", color=colour, fontsize=8)
    drawn.colorbar(image, ax=axes, shrink=0.7, label="share of the retrieved images")
    save(drawn, *paths)
