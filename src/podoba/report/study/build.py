"""A study folder read, measured and drawn: `report.html`, `figures/`, `tables/`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require
from podoba.progress import OnProgress
from podoba.report.study.find.differences import compare_along_axes, examine_claims
from podoba.report.study.find.maps import map_points
from podoba.report.study.find.results import learning_table
from podoba.report.study.read.measured import measure, same_queries
from podoba.report.study.read.overlap import near_duplicates
from podoba.report.study.read.sources import Sources
from podoba.report.study.show import figures
from podoba.report.study.show.page import render
from podoba.report.study.show.page_data import Drawn, page_data, tables
from podoba.report.study.show.picture_files import draw_augmentations, draw_sheets
from podoba.report.study.table import Table, to_csv, write_table
from podoba.study.folder import Study, load_study

# Files that a report may write and another report of the same folder may not.
OURS = (
    "figures/confusion-*.png", "figures/confusion-*.svg", "figures/results-*.png", "figures/augmentation-*.png",
    "figures/axes.*", "figures/maps.*", "tables/paper-form-*", "tables/unfinished.*", "tables/axes.*",
    "tables/without-duplicates.*",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What was drawn.

    Attributes:
        cells, finished: cells of the study, and how many of them came to an end, also to one that a search set.
        missing: why the pictures of a source are not in the page, by source.
    """

    page: Path
    cells: int
    finished: int
    missing: dict[str, str]


def build_report(folder: Path, progress: OnProgress | None = None) -> Report:
    """Draw the report of a study folder; nothing is trained, and cells that are not finished are shown as such.

    Raises:
        PodobaError: no study in the folder, or a place that cannot be written.
        MissingExtra: the libraries that draw are not installed.
    """
    require("matplotlib", "train")
    require("umap", "train")
    return draw_report(load_study(folder), progress)


def draw_report(study: Study, progress: OnProgress | None = None) -> Report:
    """Draw the report of a study into its folder. Raises `PodobaError` where it cannot be written."""
    folder = study.folder
    measured = measure(study, progress)
    shown = same_queries(measured.study)
    sources = Sources(shown)
    try:
        cache = folder / "figures" / ".cache"
        points = map_points(shown, cache, progress)
        pairs = None
        if sources.queries is not None and 0 in sources.galleries:
            beside = [one for one in shown if one.gallery == 0]
            pairs = near_duplicates(beside, sources.queries, sources.galleries[0], cache, progress)
        findings = examine_claims(measured, measured.study.plan.claims)
        drawn = Drawn(measured, shown, points, pairs, findings, compare_along_axes(measured))
        data = page_data(drawn, sources)
        _write_files(drawn, data, sources, folder, progress)
        page = folder / "report.html"
        draft = page.with_suffix(".tmp")
        draft.write_text(render(data), encoding="utf-8")
        os.replace(draft, page)
    except OSError as error:
        raise PodobaError(f"{folder}: the report cannot be written ({error.strerror}): make room, or copy the study") from error
    cells = [cell for variant in measured.study.variants for cell in variant.cells]
    return Report(page, len(cells), sum(cell.status == "done" or cell.stopped for cell in cells), sources.missing)


def _write_files(drawn: Drawn, data: dict[str, Any], sources: Sources, folder: Path, progress: OnProgress | None) -> None:
    place = folder / "figures"
    for pattern in OURS:  # those of variants that an earlier form of the plan had
        for old in folder.glob(pattern):
            old.unlink()
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / "learning-curves.csv").write_text(to_csv(learning_table(drawn.measured)), encoding="utf-8", newline="")
    for made in tables(drawn).values():
        for table in [made] if isinstance(made, Table) else made:
            if table.rows:
                write_table(table, folder / "tables")
    steps: tuple[Callable[[], None], ...] = (
        lambda: figures.draw_curves(drawn.measured, place),
        lambda: figures.draw_scores(drawn.measured, place),
        lambda: figures.draw_along_axes(drawn.along, place),
        lambda: figures.draw_confusions(drawn.measured, drawn.shown, place),
        lambda: figures.draw_maps(drawn.measured, drawn.shown, drawn.points, place),
        lambda: draw_sheets(drawn.measured, drawn.shown, data["sheets"], sources, place),
        lambda: draw_augmentations(drawn.measured, sources, place),
    )
    for done, draw in enumerate(steps):
        draw()
        if progress is not None:
            progress("drawing", done + 1, len(steps))
