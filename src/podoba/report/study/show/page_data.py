"""Everything the page shows, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from podoba.arrays import Indices
from podoba.report.study.find.axes import AxisComparison
from podoba.report.study.find.caveats import (
    class_overlap,
    notes,
    overlap_summary,
    selection_words,
    validation_words,
    without_overlap_table,
)
from podoba.report.study.find.claim_tests import ClaimTest
from podoba.report.study.find.confusions import confusions, entry_pictures
from podoba.report.study.find.findings import axes_table, claims_data, claims_table
from podoba.report.study.find.maps import maps
from podoba.report.study.find.results import GEOMETRY, OVERFITTING, results_table, table_by_variant, unfinished_table
from podoba.report.study.find.sheets import sheet_pictures, sheets
from podoba.report.study.read.cells import loss_name, query_source, source_name, state
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.overlap import Pair
from podoba.report.study.read.shown import PictureRef, Shown
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.curves import curves
from podoba.report.study.show.pictures import Pictures
from podoba.report.study.show.repeat import repetition
from podoba.report.study.show.samples import can_be_drawn, study_samples
from podoba.report.study.table import PublishedTables, Table, plain


@dataclass(frozen=True)
class Contents:
    """What follows from a study, for the page and for the files.

    Attributes:
        points: places of the maps, of each variant that is shown.
        pairs: train-test overlap; None where the pictures cannot be read.
        published: tables in the form of the publication that the study is compared with.
    """

    measured: Measured
    shown: Sequence[Shown]
    points: Sequence[Indices]
    pairs: Sequence[Pair] | None
    claims: Sequence[ClaimTest]
    axes: Sequence[AxisComparison]
    published: PublishedTables


def tables(contents: Contents) -> dict[str, Table]:
    """The tables of the report by their place in the page, but for the published ones."""
    measured = contents.measured
    return {
        "results": results_table(measured),
        "unfinished": unfinished_table(measured),
        "overfitting": table_by_variant(measured, "overfitting", OVERFITTING),
        "separation": table_by_variant(measured, "separation", GEOMETRY),
        "findings": claims_table(contents.claims),
        "axes": axes_table(contents.axes),
        "without_overlap": without_overlap_table(measured, contents.shown, contents.pairs),
    }


def page_data(contents: Contents, sources: Sources) -> dict[str, Any]:
    """All of the page; its pictures are taken from the sources as far as there is room, the most telling first."""
    measured, shown = contents.measured, contents.shown
    study = measured.study
    data: dict[str, Any] = {
        "version": version("podoba"),
        "title": study.plan.title,
        "description": study.plan.description,
        "images": _images(shown),
        "variants": [
            {
                "name": variant.name,
                "loss": loss_name(variant),
                "cells": [{"key": cell.key, "seed": cell.seed, "status": state(cell)} for cell in variant.cells],
            }
            for variant in study.variants
        ],
        "tables": {name: table.to_json() for name, table in tables(contents).items()},
        "published": contents.published.to_json(),
        "curves": curves(measured),
        "maps": maps(measured, shown, contents.points),
        "confusion": confusions(measured, shown),
        "sheets": sheets(shown),
        "samples": study_samples(measured, sources),
        "samples_drawn": can_be_drawn(),
        "findings": claims_data(contents.claims),
        "caveats": {
            "overlap": overlap_summary(contents.pairs, shown),
            "classes": plain(class_overlap(shown)),
            "validation": [plain(word) for word in validation_words(measured)],
            "selection": [plain(word) for word in selection_words(measured, shown)],
            "notes": notes(measured),
        },
        "repeat": repetition(measured),
        "missing": sources.missing,
    }
    pictures = _pictures(data, shown, sources)
    return data | {"pictures": pictures.uris, "pictures_full": pictures.full}


def _images(shown: Sequence[Shown]) -> dict[str, Any] | None:
    """Which images the study is about, and how many; None where no run was evaluated."""
    if not shown:
        return None
    cell, results = shown[0].cell, shown[0].results
    return {
        "training": source_name(cell.settings["train"]),
        "gallery": len(results.gallery_rows),
        "test": source_name(query_source(cell)[0]),
        "queries": len(results.query_rows),
        "classes": len({int(label) for label in results.query_labels if label >= 0}),
    }


def _pictures(data: dict[str, Any], shown: Sequence[Shown], sources: Sources) -> Pictures:
    pictures = Pictures()
    first: list[PictureRef] = list(sheet_pictures(data["sheets"]))
    overlap = data["caveats"]["overlap"]
    for pair in overlap.get("pairs", []):
        first += [(None, pair["query"]), (overlap["gallery"], pair["gallery"])]
    entries = list(entry_pictures(data["confusion"], shown))
    mapped: list[PictureRef] = [(None, row) for row in data["maps"]["rows"]]
    # The maps come before the last entries of the matrices: a hover without a picture is missed more.
    for part in (first, entries[: len(entries) // 2], mapped, entries[len(entries) // 2 :]):
        for gallery in dict.fromkeys(gallery for gallery, _ in part):
            source = sources.queries if gallery is None else sources.galleries.get(gallery)
            if source is not None:
                pictures.add(gallery, source.records, [row for number, row in part if number == gallery])
    return pictures
