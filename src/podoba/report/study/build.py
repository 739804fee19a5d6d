"""A study folder read, measured and drawn: `report.html`, `figures/`, `tables/`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require
from podoba.files import write_text
from podoba.progress import OnProgress, silent
from podoba.report.figures.maps import umap_points
from podoba.report.study import paper
from podoba.report.study.find.axes import compare_along_axes
from podoba.report.study.find.claim_tests import examine_claims
from podoba.report.study.find.maps import Projection, map_points
from podoba.report.study.find.results import learning_table
from podoba.report.study.read.measured import measure
from podoba.report.study.read.overlap import Pair, near_duplicates
from podoba.report.study.read.shown import Shown, same_queries
from podoba.report.study.read.sources import Sources
from podoba.report.study.show import figures
from podoba.report.study.show.page import render
from podoba.report.study.show.page_data import Contents, page_data, tables
from podoba.report.study.show.picture_files import draw_augmentations, draw_sheets
from podoba.report.study.show.samples import can_be_drawn
from podoba.report.study.table import to_csv, write_table
from podoba.report.study.texts import say
from podoba.study.folder import Study, load_study

# Files that a report may write and another report of the same folder may not.
OURS = (
    "figures/confusion-*.png", "figures/confusion-*.svg", "figures/results-*.png", "figures/augmentation-*.png",
    "figures/axes.*", "figures/maps.*", f"tables/{paper.TABLE_NAME}*", "tables/unfinished.*", "tables/axes.*",
    "tables/without-duplicates.*",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What was drawn.

    Attributes:
        cells, finished: cells of the study, and how many of them came to an end, also to one that a search set.
        missing: why the pictures of a source are not in the page, by source.
        left_out: parts that could not be drawn with what is installed, a sentence each.
    """

    page: Path
    cells: int
    finished: int
    missing: dict[str, str]
    left_out: list[str]


def build_report(folder: Path, on_progress: OnProgress = silent) -> Report:
    """Draw the report of a study folder; nothing is trained, and cells that are not finished are shown as such.

    Raises:
        PodobaError: no study in the folder, or a place that cannot be written.
        MissingExtra: the libraries that draw are not installed.
    """
    require("matplotlib", "train")
    require("umap", "train")
    return draw_report(load_study(folder), on_progress)


def draw_report(study: Study, on_progress: OnProgress = silent, project: Projection = umap_points) -> Report:
    """Draw the report of a study into its folder.

    Args:
        project: puts descriptors (n, D) on a plane (n, 2) for the maps.

    Raises:
        PodobaError: it cannot be written.
    """
    folder = study.folder
    measured = measure(study, on_progress, paper.of_cifar10)
    shown = same_queries(study)
    sources = Sources(shown)
    try:
        cache = folder / "figures" / ".cache"
        contents = Contents(
            measured,
            shown,
            points=map_points(shown, cache, project, on_progress),
            pairs=_overlap(shown, sources, cache, on_progress),
            claims=examine_claims(measured, paper.claims_of_plan(study.plan.claims)),
            axes=compare_along_axes(measured),
            published=paper.tables_in_its_form(measured),
        )
        data = page_data(contents, sources)
        _write_tables(contents, folder)
        _draw_figures(contents, data, sources, folder / "figures", on_progress)
        page = folder / "report.html"
        write_text(page, render(data))
    except OSError as error:
        raise PodobaError(f"{folder}: the report cannot be written ({error.strerror}): make room, or copy the study") from error
    cells = [cell for variant in study.variants for cell in variant.cells]
    left_out = [] if can_be_drawn() else [say("samples.no_torch")]
    return Report(page, len(cells), sum(cell.status == "done" or cell.stopped for cell in cells), sources.missing, left_out)


def _overlap(shown: list[Shown], sources: Sources, cache: Path, on_progress: OnProgress) -> list[Pair] | None:
    """Test images that are also among the images of the first gallery; None where their pictures cannot be read."""
    if sources.queries is None or 0 not in sources.galleries:
        return None
    of_first = [variant for variant in shown if variant.gallery == 0]
    return near_duplicates(of_first, sources.queries, sources.galleries[0], cache, on_progress)


def _write_tables(contents: Contents, folder: Path) -> None:
    for pattern in OURS:  # those of variants that an earlier form of the plan had
        for old in folder.glob(pattern):
            old.unlink()
    place = folder / "tables"
    place.mkdir(parents=True, exist_ok=True)
    write_text(place / "learning-curves.csv", to_csv(learning_table(contents.measured)))
    for table in (*tables(contents).values(), *contents.published.tables.values()):
        if table.rows:
            write_table(table, place)


def _draw_figures(contents: Contents, data: dict[str, Any], sources: Sources, folder: Path, on_progress: OnProgress) -> None:
    measured, shown = contents.measured, contents.shown
    steps: tuple[Callable[[], None], ...] = (
        lambda: figures.draw_curves(measured, folder),
        lambda: figures.draw_scores(measured, folder),
        lambda: figures.draw_along_axes(contents.axes, folder),
        lambda: figures.draw_confusions(measured, shown, folder),
        lambda: figures.draw_maps(measured, shown, contents.points, folder),
        lambda: draw_sheets(measured, shown, data["sheets"], sources, folder),
        lambda: draw_augmentations(measured, sources, folder),
    )
    for done, draw in enumerate(steps):
        draw()
        on_progress("drawing", done + 1, len(steps))
