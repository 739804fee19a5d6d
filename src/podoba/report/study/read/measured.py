"""A study with everything measured of it once, so that each part of the report takes its numbers from one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.metrics.intervals import Estimate, estimate
from podoba.progress import OnProgress
from podoba.report.study.read.quantities import (
    Counts,
    look_alikes,
    of_descriptors,
    of_history,
    of_results,
    of_summary,
    result_counts,
    sample_rows,
    unit,
)
from podoba.runs.retrieval_results import RetrievalResults
from podoba.study.folder import Cell, Study, Variant


@dataclass(frozen=True)
class Results:
    """What the test images found under one run.

    Attributes:
        origin: source of the queries and of the gallery, as the settings name them.
        counts: int64 (C, C), results of each class for the queries of each class.
    """

    origin: tuple[str, str]
    classes: list[str]
    counts: Counts


@dataclass(frozen=True)
class Shown:
    """A variant where pictures are to be seen: one run stands for it.

    Attributes:
        place: of the variant in the study.
        judged: of the run, without its descriptors, to hold many runs at a time.
        rows: int64 (n,), the queries that are mapped, even over the classes.
        descriptors: float32 (n, D), unit length, of those.
        gallery: number of the source that its results are rows of, among all sources that galleries of the study came from.
    """

    place: int
    gallery: int
    cell: Cell
    judged: RetrievalResults
    rows: Indices
    descriptors: Floats


@dataclass(frozen=True)
class Measured:
    """A study and its numbers.

    Attributes:
        values: by cell key: what was measured of a finished cell.
        results: by cell key: what its test images found; only of cells that judged something.
        common_epochs: the last epoch that every finished cell reached.
    """

    study: Study
    values: dict[str, dict[str, float]]
    results: dict[str, Results]
    common_epochs: int

    def over_seeds(self, variant: Variant, key: str) -> Estimate | None:
        """A quantity of a variant: mean and interval over its finished seeds; None where no run has it."""
        values = [self.values[cell.key][key] for cell in variant.cells if key in self.values.get(cell.key, {})]
        return estimate(values) if values else None


def measure(study: Study, progress: OnProgress | None = None) -> Measured:
    """Measure every finished cell of a study; descriptors are read one cell at a time."""
    cells = finished(study)
    common = min((len(cell.history) for cell in cells if cell.history), default=1)
    values: dict[str, dict[str, float]] = {}
    results: dict[str, Results] = {}
    for done, cell in enumerate(cells):
        values[cell.key] = of_summary(cell) | (of_history(cell.history, common) if cell.history else {})
        judged = cell.retrieval_results()
        if judged is not None:
            values[cell.key] |= of_descriptors(judged)
            results[cell.key] = Results(origin(cell), [str(name) for name in judged.classes], result_counts(judged))
        if progress is not None:
            progress("measuring", done + 1, len(cells))
    for classes in {tuple(found.classes) for found in results.values()}:
        alike = [key for key, found in results.items() if tuple(found.classes) == classes]
        pooled = np.sum([results[key].counts for key in alike], axis=0)
        for key in alike:
            values[key] |= of_results(results[key].counts, classes, look_alikes(pooled))
    return Measured(study, values, results, common)


def finished(study: Study) -> list[Cell]:
    """Cells that came to an end."""
    return [cell for variant in study.variants for cell in variant.cells if cell.status == "done"]


def first_finished(variant: Variant) -> Cell | None:
    """The run that stands for a variant where one must: that of its first finished seed."""
    return next((cell for cell in variant.cells if cell.status == "done"), None)


def origin(cell: Cell) -> tuple[str, str]:
    """Sources of the queries and of the gallery of a cell."""
    gallery = _text(cell.settings["train"])
    test, validation = cell.settings.get("test"), cell.settings.get("validation")
    if test is not None:
        return _text(test), gallery
    return (_text(validation) if isinstance(validation, str) else gallery), gallery


def same_queries(study: Study) -> list[Shown]:
    """The variants that were asked the same test images as the first one, each by its first finished run.

    In a search the trials were asked held-out images, and the best settings the test images: then these are shown.
    """
    found: list[Shown] = []
    galleries: dict[str, int] = {}
    tested = any(cell.evaluation.get("judged_on") == "test" for cell in finished(study))
    for place, variant in enumerate(study.variants):
        cell = first_finished(variant)
        if cell is None or (tested and cell.evaluation.get("judged_on") != "test"):
            continue
        judged = cell.retrieval_results()
        if judged is None or (found and not _same(found[0], cell, judged)):
            continue
        rows = sample_rows(judged.query_labels)
        gallery = galleries.setdefault(origin(cell)[1], len(galleries))
        found.append(Shown(place, gallery, cell, replace(judged, queries=judged.queries[:0]), rows, unit(judged.queries[rows])))
    return found


def _same(first: Shown, cell: Cell, judged: RetrievalResults) -> bool:
    return (
        origin(first.cell)[0] == origin(cell)[0]
        and list(first.judged.classes) == list(judged.classes)
        and np.array_equal(first.judged.query_rows, judged.query_rows)
    )


def _text(source: Any) -> str:
    return source if isinstance(source, str) else " + ".join(str(one) for one in _sequence(source))


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]
