"""Result sheets and augmentation samples as files: for a talk or a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels
from podoba.images.sources.base import ImageSource
from podoba.images.split import balanced_subset
from podoba.report.figures.evaluation import picture_of
from podoba.report.figures.sheet import Tile, result_sheet
from podoba.report.study.find.sheets import KINDS
from podoba.report.study.read.measured import Measured, Shown
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.figures import slug
from podoba.report.study.show.samples import IMAGES, SIDE, augmentations

MOST_SHEETS = 8  # variants that get sheets as files; the page has them all


def draw_sheets(measured: Measured, shown: Sequence[Shown], data: dict[str, Any], sources: Sources, folder: Path) -> None:
    """`results-<kind>-<variant>.png`: the queries of a kind and what the variant found (the paper's figures 9 to 11)."""
    if sources.queries is None:
        return
    for kind in KINDS:
        for place, one in enumerate(shown[:MOST_SHEETS]):
            gallery = sources.galleries.get(one.gallery)
            if gallery is None or not data[kind]:
                continue
            classes = [str(name) for name in one.judged.classes]
            rows = []
            for query in data[kind]:
                hits = [
                    _tile(
                        gallery, row, _name(classes, label), f"{similarity:.3f}", label == query["label"] if label >= 0 else None
                    )
                    for row, label, similarity in zip(
                        *(query["found"][place][k] for k in ("rows", "labels", "similarities")), strict=True
                    )
                ]
                rows.append((_tile(sources.queries, query["query"], _name(classes, query["label"]), "query", None), hits))
            result_sheet(rows, folder / f"results-{kind}-{slug(measured.study.variants[one.place].name)}.png")


def draw_augmentations(measured: Measured, sources: Sources, folder: Path) -> None:
    """`augmentation-<name>.png`: samples of each augmentation of the study (the paper's figures 5 and 6)."""
    for settings, cell in augmentations(measured):
        source = sources.training(cell)
        if source is None:
            continue
        pixels = []
        for row in balanced_subset(source.labels, IMAGES, 0):
            try:
                pixels.append(load_pixels(source.records[row], int(cell.settings.get("input_size") or SIDE), "stretch"))
            except UnreadableImage:
                continue
        if pixels:
            from podoba.learn.augmentation.preview import preview  # torch, which nothing else of a report needs

            preview(np.stack(pixels), settings, folder / f"augmentation-{slug('-'.join(settings.names))}.png")


def _tile(source: ImageSource, row: int, title: str, note: str, right: bool | None) -> Tile:
    record = source.records[row]
    return Tile(picture_of(record.open, record.uri), title, note, right)


def _name(classes: Sequence[str], label: int) -> str:
    return classes[label] if label >= 0 else ""
