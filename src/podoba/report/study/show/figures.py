"""The charts of a report as files fit for a publication: PNG and SVG, from the same numbers as the page."""

import hashlib
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.arrays import Indices
from podoba.report.figures.confusion import confusion_figure
from podoba.report.figures.maps import LEGEND, MARKERS
from podoba.report.figures.theme import COLOURS, figure, grid, legend, plain, save
from podoba.report.study.find.axes import AxisComparison
from podoba.report.study.find.confusions import confusion_matrix
from podoba.report.study.find.maps import FINENESS
from podoba.report.study.read.cells import loss_name
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.report.study.texts import say
from podoba.runs.history import Epoch

ENDINGS = (".png", ".svg")
MOST_ROWS = 4  # of panels of learning curves
SLUG = 60  # letters of a name in that of a file, which may have 255 bytes
TITLE = 44  # letters of a line over a map
DASHES = ("-", "--", ":", "-.")
DRAWABLE = (*COLOURS[:6], COLOURS[7])  # yellow is lost on white


def style(place: int) -> dict[str, Any]:
    """Colour and dash of a variant, the same in every chart."""
    return {"color": DRAWABLE[place % len(DRAWABLE)], "linestyle": DASHES[place // len(DRAWABLE) % len(DASHES)]}


def slug(name: str) -> str:
    """A name fit for a file; a long one ends in letters that tell it from others."""
    clean = re.sub(r"[^\w.]+", "-", name).strip("-").lower() or "variant"
    return clean if len(clean) <= SLUG else f"{clean[:SLUG]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def draw_curves(measured: Measured, folder: Path) -> None:
    """`learning-curves`: training and validation loss of every cell, the best epoch of each marked.

    Losses have scales of their own: a few of them get a row of panels each, in more of them the rows would be lost.
    """
    losses = list(dict.fromkeys(loss_name(variant) for variant in measured.study.variants))
    rows = len(losses) if len(losses) <= MOST_ROWS else 1
    drawn, every = grid(rows, 2, 5.2, 3.4 if rows > 1 else 4.2)
    handles = {}
    for place, variant in enumerate(measured.study.variants):
        row = losses.index(loss_name(variant)) if rows > 1 else 0
        panels = every[2 * row : 2 * row + 2]
        for cell in variant.cells:
            if cell.history:
                handles[variant.name] = _draw_cell(panels, cell.history, style(place))
    for i, axes in enumerate(every):
        title = say("curves.validation" if i % 2 else "curves.training")
        title = f"{plain(losses[i // 2])}, {title}" if rows > 1 else title
        axes.set(xlabel=say("curves.epoch"), ylabel=say("curves.loss"), title=title)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    _legend(drawn, handles)
    save(drawn, *_both(folder, "learning-curves"))


def draw_scores(measured: Measured, folder: Path) -> None:
    """`scores`: KNN score of each variant, every seed as a point, mean and 95% interval."""
    variants = measured.study.variants
    drawn, axes = figure(7.0, 1.2 + 0.32 * len(variants))
    for place, variant in enumerate(variants):
        y = len(variants) - 1 - place
        scores = [measured.values.get(cell.key, {}).get("knn_score") for cell in variant.cells]
        points = [score for score in scores if score is not None]
        mean = measured.over_seeds(variant, "knn_score")
        axes.plot(points, [y + 0.18] * len(points), ".", color="#999999", markersize=5)
        if mean is not None:
            half = [[mean.half or 0.0]] * 2
            axes.errorbar([mean.mean], [y], xerr=half, fmt="o", color=COLOURS[0], capsize=3, markersize=5)
    axes.set_yticks(range(len(variants)), [plain(variant.name) for variant in reversed(variants)])
    axes.set(xlabel=say("column.knn_score"), ylim=(-0.6, len(variants) - 0.4))
    low, high = axes.get_xlim()
    axes.set_xlim(max(low, -0.02), min(high, 1.02))  # a score is a share, whatever an interval of few seeds says
    axes.grid(axis="x", alpha=0.3)
    save(drawn, *_both(folder, "scores"))


def draw_along_axes(comparisons: Sequence[AxisComparison], folder: Path) -> None:
    """`axes`: what each value of an axis changes of the KNN score against the first value, with 95% intervals."""
    rows = [
        (f"{one.axis}: {one.value} − {one.baseline}", one.difference.estimate, one.difference.direction in ("higher", "lower"))
        for one in comparisons
        if one.difference.quantity == "knn_score" and one.difference.estimate is not None
    ]
    if not rows:
        return
    drawn, axes = figure(7.5, 1.2 + 0.34 * len(rows))
    for place, (_, mean, decided) in enumerate(rows):
        axes.errorbar(
            [mean.mean], [len(rows) - 1 - place], xerr=[[mean.half or 0.0]] * 2, capsize=3, markersize=6,
            fmt="o", color=COLOURS[0] if decided else "#777777", fillstyle="full" if decided else "none",
        )  # fmt: skip
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [plain(name) for name, _, _ in reversed(rows)])
    axes.set(xlabel=say("figure.knn_difference"), ylim=(-0.6, len(rows) - 0.4))
    axes.grid(axis="x", alpha=0.3)
    save(drawn, *_both(folder, "axes"))


def draw_confusions(measured: Measured, shown: Sequence[Shown], folder: Path) -> None:
    """`confusion-<variant>`: the retrieval confusion matrix over all seeds."""
    for variant in shown:
        matrix = confusion_matrix(measured, variant.place)
        if matrix is not None:
            classes = [str(name) for name in variant.results.classes]
            confusion_figure(matrix, classes, *_both(folder, f"confusion-{slug(measured.study.variants[variant.place].name)}"))


def draw_maps(measured: Measured, shown: Sequence[Shown], points: Sequence[Indices], folder: Path) -> None:
    """`maps`: the test descriptors of each variant by UMAP, a panel each, the same colours and signs for the classes."""
    if not shown:
        return
    columns = min(3, len(shown))
    classes = [str(name) for name in shown[0].results.classes]
    labels = shown[0].results.query_labels[shown[0].rows]
    drawn, panels = grid(-(-len(shown) // columns), columns, 3.6, 3.7)
    size = float(np.clip(4000 / max(len(labels), 1), 5, 24))
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    handles = {}
    for axes, variant, places in zip(panels, shown, points, strict=False):
        for i, name in enumerate(classes):
            here = places[labels == i]
            handles[name] = axes.scatter(
                here[:, 0], here[:, 1], s=size, color=DRAWABLE[i % len(DRAWABLE)],
                marker=MARKERS[i // len(DRAWABLE) % len(MARKERS)], linewidths=0, alpha=0.7, rasterized=True,
            )  # fmt: skip
        axes.set(xticks=[], yticks=[], xlim=(-30, FINENESS + 30), ylim=(-30, FINENESS + 30))
        axes.set_title("\n".join(textwrap.wrap(plain(measured.study.variants[variant.place].name, 3 * TITLE), TITLE)), fontsize=8)
        axes.spines[:].set_visible(False)
        axes.set_aspect("equal")
    if len(classes) <= LEGEND:
        _legend(drawn, handles, markerscale=max(1.0, 7 / size**0.5))
    save(drawn, *_both(folder, "maps"))


def _both(folder: Path, name: str) -> list[Path]:
    return [folder / f"{name}{ending}" for ending in ENDINGS]


def _draw_cell(panels: Sequence[Any], history: Sequence[Epoch], look: dict[str, Any]) -> Any:
    """Training loss on the first panel, validation loss and its least value on the second; gives back the first line."""
    (line,) = panels[0].plot([row.epoch for row in history], [row.training_loss for row in history], **look, linewidth=1.2)
    validated = [(row.epoch, row.validation_loss) for row in history if row.validation_loss is not None]
    if validated:
        panels[1].plot(*zip(*validated, strict=True), **look, linewidth=1.2)
        best = min(validated, key=lambda point: point[1])
        panels[1].plot(*best, "o", color=look["color"], fillstyle="none", markersize=6)
    return line


def _legend(drawn: Any, handles: Mapping[str, Any], **more: Any) -> None:
    look = {"loc": "outside lower center", "ncols": min(len(handles), 3 if len(handles) <= 24 else 5), "fontsize": 8}
    legend(drawn, list(handles.values()), list(handles), frameon=False, **look, **more)
