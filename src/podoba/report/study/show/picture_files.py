"""Result sheets and augmentation samples as files: for a talk or a publication."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from podoba.images.sources.base import ImageSource
from podoba.report.figures.evaluation import picture_of
from podoba.report.figures.sheet import Tile, result_sheet
from podoba.report.study.find.sheets import KINDS
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.figures import slug
from podoba.report.study.show.samples import augmentations, can_be_drawn, training_pixels

MOST_SHEETS = 8  # variants that get sheets as files; the page has them all


def draw_sheets(measured: Measured, shown: Sequence[Shown], data: dict[str, Any], sources: Sources, folder: Path) -> None:
    """`results-<kind>-<variant>.png`: the queries of a kind and what the variant retrieved.

    Args:
        data: of `sheets`.
    """
    if sources.queries is None:
        return
    for kind in KINDS:
        for place, variant in enumerate(shown[:MOST_SHEETS]):
            gallery = sources.galleries.get(variant.gallery)
            if gallery is None or not data[kind]:
                continue
            classes = [str(name) for name in variant.results.classes]
            rows = [_row(query, query["found"][place], classes, sources.queries, gallery) for query in data[kind]]
            result_sheet(rows, folder / f"results-{kind}-{slug(measured.study.variants[variant.place].name)}.png")


def draw_augmentations(measured: Measured, sources: Sources, folder: Path) -> None:
    """`augmentation-<name>.png`: samples of each augmentation of the study; none where torch is not installed."""
    if not can_be_drawn():
        return
    from podoba.learn.augmentation.preview import preview

    for settings, cell in augmentations(measured):
        source = sources.training(cell)
        if source is None:
            continue
        pixels = training_pixels(cell, source)
        if len(pixels):
            preview(pixels, settings, folder / f"augmentation-{slug('-'.join(settings.names))}.png")


def _row(
    query: dict[str, Any], results: dict[str, Any], classes: Sequence[str], queries: ImageSource, gallery: ImageSource
) -> tuple[Tile, list[Tile]]:
    label = query["label"]
    hits = [
        _tile(gallery, row, _name(classes, found), f"{similarity:.3f}", found == label if found >= 0 else None)
        for row, found, similarity in zip(results["rows"], results["labels"], results["similarities"], strict=True)
    ]
    return _tile(queries, query["query"], _name(classes, label), "query", None), hits


def _tile(source: ImageSource, row: int, title: str, note: str, right: bool | None) -> Tile:
    record = source.records[row]
    return Tile(picture_of(record), title, note, right)


def _name(classes: Sequence[str], label: int) -> str:
    return classes[label] if label >= 0 else ""
