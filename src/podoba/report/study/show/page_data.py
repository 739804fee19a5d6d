"""Everything the page shows, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba import __version__
from podoba.report.study.find.caveats import (
    class_overlap,
    duplicates_summary,
    looked_at_words,
    notes,
    validation_words,
    without_duplicates_table,
)
from podoba.report.study.find.confusions import confusions, entry_pictures
from podoba.report.study.find.differences import Along, Finding, flat
from podoba.report.study.find.findings import axes_table, findings_data, findings_table
from podoba.report.study.find.maps import maps
from podoba.report.study.find.results import (
    overfitting_table,
    paper_tables,
    results_table,
    separation_table,
    state,
    unfinished_table,
)
from podoba.report.study.find.sheets import sheet_pictures, sheets
from podoba.report.study.read.measured import Measured, Shown, origin
from podoba.report.study.read.overlap import Pair
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.curves import curves
from podoba.report.study.show.pictures import Pictures
from podoba.report.study.show.repeat import repetition
from podoba.report.study.show.samples import augmentations, samples
from podoba.report.study.table import Table, Word

QUERIES = "q-"  # begins the names of pictures of queries; those of galleries begin with g0-, g1- ...


@dataclass(frozen=True)
class Drawn:
    """What was worked out of a study, for the page and for the files.

    Attributes:
        points: places of the maps, of each variant that is shown.
        pairs: near-duplicates between test and training images; None where the pictures are gone.
    """

    measured: Measured
    shown: Sequence[Shown]
    points: Sequence[NDArray[np.int64]]
    pairs: Sequence[Pair] | None
    findings: Sequence[Finding]
    along: Sequence[Along]


def tables(drawn: Drawn) -> dict[str, Table | list[Table]]:
    """The tables of the report by their place in the page."""
    measured = drawn.measured
    return {
        "results": results_table(measured),
        "paper": paper_tables(measured),
        "unfinished": unfinished_table(measured),
        "overfitting": overfitting_table(measured),
        "separation": separation_table(measured),
        "findings": findings_table(drawn.findings),
        "axes": axes_table(drawn.along),
        "without_duplicates": without_duplicates_table(measured, drawn.shown, drawn.pairs),
    }


def page_data(drawn: Drawn, sources: Sources) -> dict[str, Any]:
    """All of the page; its pictures are taken from the sources as far as there is room, the most telling first."""
    measured, shown = drawn.measured, drawn.shown
    study = measured.study
    data: dict[str, Any] = {
        "version": __version__,
        "title": study.plan.title,
        "description": study.plan.description,
        "images": _images(shown),
        "variants": [
            {
                "name": v.name,
                "loss": str(flat(v.cells[0].settings).get("loss.name", "")) if v.cells else "",
                "cells": [{"key": c.key, "seed": c.seed, "status": state(c)} for c in v.cells],
            }
            for v in study.variants
        ],
        "tables": {name: _plain(made) for name, made in tables(drawn).items()},
        "curves": curves(measured),
        "maps": maps(measured, shown, drawn.points),
        "confusion": confusions(measured, shown),
        "sheets": sheets(shown),
        "samples": _samples(measured, sources),
        "findings": findings_data(drawn.findings),
        "honesty": {
            "duplicates": duplicates_summary(drawn.pairs, shown),
            "classes": _word(class_overlap(shown)),
            "validation": [_word(word) for word in validation_words(measured)],
            "looked_at": [_word(word) for word in looked_at_words(measured, shown)],
            "notes": notes(measured),
        },
        "repeat": repetition(measured),
        "missing": sources.missing,
    }
    pictures = _pictures(data, shown, sources)
    return data | {"pictures": pictures.uris, "pictures_full": pictures.full}


def _images(shown: Sequence[Shown]) -> dict[str, Any] | None:
    """Which images the study is about, and how many; None where none were judged."""
    if not shown:
        return None
    first = shown[0]
    told, judged = origin(first.cell), first.judged
    return {
        "training": told[1],
        "gallery": len(judged.gallery_rows),
        "test": told[0],
        "queries": len(judged.query_rows),
        "classes": len({int(label) for label in judged.query_labels if label >= 0}),
    }


def _pictures(data: dict[str, Any], shown: Sequence[Shown], sources: Sources) -> Pictures:
    pictures = Pictures()
    wanted = [*sheet_pictures(data["sheets"])]
    for pair in data["honesty"]["duplicates"].get("pairs", []):
        wanted += [(QUERIES, pair["query"]), (f"g{data['honesty']['duplicates']['gallery']}-", pair["gallery"])]
    entries = list(entry_pictures(data["confusion"], shown))
    on_maps = [(QUERIES, row) for row in data["maps"].get("rows", [])]
    # The maps come before the last entries of the matrices: a hover without a picture is missed more.
    for part in (wanted, entries[: len(entries) // 2], on_maps, entries[len(entries) // 2 :]):
        for prefix in dict.fromkeys(prefix for prefix, _ in part):
            source = sources.queries if prefix == QUERIES else sources.galleries.get(int(prefix[1:-1]))
            if source is not None:
                pictures.add(prefix, source.records, [row for name, row in part if name == prefix])
    return pictures


def _samples(measured: Measured, sources: Sources) -> list[dict[str, Any]]:
    found = []
    for settings, cell in augmentations(measured):
        source = sources.training(cell)
        made = samples(settings, cell, source) if source is not None else None
        if made is not None:
            found.append(made)
    return found


def _word(word: Word | None) -> dict[str, Any] | None:
    return None if word is None else {"t": word.key, "v": dict(word.values)}


def _plain(made: Table | list[Table]) -> Any:
    return made.to_json() if isinstance(made, Table) else [one.to_json() for one in made]
