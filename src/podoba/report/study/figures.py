"""The charts of a report as files fit for a paper: PNG and SVG, from the same numbers as the page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.report.confusion import confusion_figure
from podoba.report.maps import LEGEND, MARKERS
from podoba.report.study.confusions import confusion_matrix
from podoba.report.study.findings import Along
from podoba.report.study.maps import FINENESS
from podoba.report.study.measured import Measured, Shown
from podoba.report.study.texts import say
from podoba.report.theme import COLOURS, figure, grid, save

ENDINGS = (".png", ".svg")
TITLE = 44  # letters of a line over a map
DASHES = ("-", "--", ":", "-.")
DRAWABLE = (*COLOURS[:6], COLOURS[7])  # yellow is lost on white


def style(place: int) -> dict[str, Any]:
    """Colour and dash of a variant, the same in every chart."""
    return {"color": DRAWABLE[place % len(DRAWABLE)], "linestyle": DASHES[place // len(DRAWABLE) % len(DASHES)]}


def slug(name: str) -> str:
    """A name fit for a file."""
    return re.sub(r"[^\w.]+", "-", name).strip("-").lower() or "variant"


def draw_curves(measured: Measured, folder: Path) -> None:
    """`learning-curves`: training and validation loss of every cell, the best epoch of each marked."""
    drawn, panels = grid(1, 2, 5.2, 4.2)
    for place, variant in enumerate(measured.study.variants):
        label: str | None = variant.name
        for cell in variant.cells:
            if not cell.history:
                continue
            epochs = [row.epoch for row in cell.history]
            panels[0].plot(epochs, [row.training_loss for row in cell.history], **style(place), linewidth=1.2, label=label)
            judged = [(row.epoch, row.validation_loss) for row in cell.history if row.validation_loss is not None]
            if judged:
                panels[1].plot(*zip(*judged, strict=True), **style(place), linewidth=1.2)
                best = min(judged, key=lambda pair: pair[1])
                panels[1].plot(*best, "o", color=style(place)["color"], fillstyle="none", markersize=6)
            label = None
    for axes, key in zip(panels, ("curves.training", "curves.validation"), strict=True):
        axes.set(xlabel=say("curves.epoch"), ylabel=say("curves.loss"), title=say(key))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    _legend(drawn, panels[0], len(measured.study.variants))
    save(drawn, *_both(folder, "learning-curves"))


def draw_scores(measured: Measured, folder: Path) -> None:
    """`scores`: KNN score of each variant, every seed as a point, mean and 95% interval."""
    variants = measured.study.variants
    drawn, axes = figure(7.0, 1.2 + 0.32 * len(variants))
    for place, variant in enumerate(variants):
        y = len(variants) - 1 - place
        found = [measured.values[cell.key].get("knn_score") for cell in variant.cells if cell.key in measured.values]
        points = [value for value in found if value is not None]
        made = measured.over_seeds(variant, "knn_score")
        axes.plot(points, [y + 0.18] * len(points), ".", color="#999999", markersize=5)
        if made is not None:
            half = [[made.half or 0.0]] * 2
            axes.errorbar([made.mean], [y], xerr=half, fmt="o", color=COLOURS[0], capsize=3, markersize=5)
    axes.set_yticks(range(len(variants)), [variant.name for variant in reversed(variants)])
    axes.set(xlabel=say("column.knn_score"), ylim=(-0.6, len(variants) - 0.4))
    axes.grid(axis="x", alpha=0.3)
    save(drawn, *_both(folder, "scores"))


def draw_along_axes(rows: Sequence[Along], folder: Path) -> None:
    """`axes`: what each value of an axis changes of the KNN score against the first value, with 95% intervals."""
    kept = [row for row in rows if row.difference.quantity == "knn_score" and row.difference.estimate is not None]
    if not kept:
        return
    drawn, axes = figure(7.5, 1.2 + 0.34 * len(kept))
    for place, row in enumerate(kept):
        made = row.difference.estimate
        assert made is not None
        decided = row.direction in ("higher", "lower")
        axes.errorbar(
            [made.mean], [len(kept) - 1 - place], xerr=[[made.half or 0.0]] * 2, capsize=3, markersize=6,
            fmt="o", color=COLOURS[0] if decided else "#777777", fillstyle="full" if decided else "none",
        )  # fmt: skip
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.set_yticks(range(len(kept)), [f"{row.axis}: {row.value} − {row.baseline}" for row in reversed(kept)])
    axes.set(xlabel=say("figure.knn_difference"), ylim=(-0.6, len(kept) - 0.4))
    axes.grid(axis="x", alpha=0.3)
    save(drawn, *_both(folder, "axes"))


def draw_confusions(measured: Measured, shown: Sequence[Shown], folder: Path) -> None:
    """`confusion-<variant>`: the retrieval confusion matrix over all seeds."""
    for one in shown:
        matrix = confusion_matrix(measured, one.place)
        if matrix is not None:
            classes = [str(name) for name in one.judged.classes]
            confusion_figure(matrix, classes, *_both(folder, f"confusion-{slug(measured.study.variants[one.place].name)}"))


def draw_maps(measured: Measured, shown: Sequence[Shown], points: Sequence[NDArray[np.int64]], folder: Path) -> None:
    """`maps`: the test descriptors of each variant by UMAP, a panel each, the same colours and signs for the classes."""
    if not shown:
        return
    columns = min(3, len(shown))
    classes = [str(name) for name in shown[0].judged.classes]
    labels = shown[0].judged.query_labels[shown[0].rows]
    drawn, panels = grid(-(-len(shown) // columns), columns, 3.6, 3.7)
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    for axes, one, place in zip(panels, shown, points, strict=False):
        for i, name in enumerate(classes):
            here = place[labels == i]
            axes.scatter(
                here[:, 0], here[:, 1], s=5, color=DRAWABLE[i % len(DRAWABLE)], marker=MARKERS[i // len(DRAWABLE) % len(MARKERS)],
                linewidths=0, alpha=0.7, rasterized=True, label=name if axes is panels[0] else None,
            )  # fmt: skip
        axes.set(xticks=[], yticks=[], xlim=(-30, FINENESS + 30), ylim=(-30, FINENESS + 30))
        axes.set_title("\n".join(textwrap.wrap(measured.study.variants[one.place].name, TITLE)), fontsize=8)
        axes.spines[:].set_visible(False)
        axes.set_aspect("equal")
    if len(classes) <= LEGEND:
        _legend(drawn, panels[0], len(classes), markerscale=3)
    save(drawn, *_both(folder, "maps"))


def _both(folder: Path, name: str) -> list[Path]:
    return [folder / f"{name}{ending}" for ending in ENDINGS]


def _legend(drawn: Any, axes: Any, entries: int, **more: Any) -> None:
    if axes.get_legend_handles_labels()[0]:
        columns = min(entries, 3 if entries <= 24 else 5)
        drawn.legend(loc="outside lower center", ncols=columns, frameon=False, fontsize=8, **more)
