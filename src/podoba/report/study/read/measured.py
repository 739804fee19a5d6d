"""A study with everything measured of it once, so that each part of the report takes its numbers from one place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from podoba.metrics.intervals import Estimate, estimate
from podoba.progress import OnProgress, silent
from podoba.report.study.read.cells import finished
from podoba.report.study.read.quantities import (
    Counts,
    look_alikes,
    of_descriptors,
    of_history,
    of_results,
    of_summary,
    result_counts,
)
from podoba.study.folder import Study, Variant

OfCounts = Callable[[Sequence[str], Counts], Mapping[str, float]]  # classes and result counts (C, C) to quantities by key


@dataclass(frozen=True)
class ResultCounts:
    """What the test images of one run retrieved.

    Attributes:
        counts: int64 (C, C), results of each class (column) for the queries of each class (row).
    """

    classes: list[str]
    counts: Counts


@dataclass(frozen=True)
class Measured:
    """A study and its numbers.

    Attributes:
        values: by cell key: quantities of a finished cell by their keys.
        result_counts: by cell key: what its test images retrieved; only of cells that were evaluated on labelled images.
        common_epochs: the last epoch that every finished cell reached.
    """

    study: Study
    values: dict[str, dict[str, float]]
    result_counts: dict[str, ResultCounts]
    common_epochs: int

    def over_seeds(self, variant: Variant, key: str) -> Estimate | None:
        """A quantity of a variant: mean and interval over its finished seeds; None where no run has it."""
        values = [self.values[cell.key][key] for cell in variant.cells if key in self.values.get(cell.key, {})]
        return estimate(values) if values else None


def measure(study: Study, on_progress: OnProgress = silent, of_counts: OfCounts | None = None) -> Measured:
    """Measure every finished cell of a study; descriptors are read one cell at a time.

    Args:
        of_counts: further quantities of the result counts of a cell, for studies of images that have numbers of their own.
    """
    cells = finished(study)
    common = min((len(cell.history) for cell in cells if cell.history), default=1)
    values: dict[str, dict[str, float]] = {}
    counts: dict[str, ResultCounts] = {}
    for done, cell in enumerate(cells):
        values[cell.key] = of_summary(cell) | (of_history(cell.history, common) if cell.history else {})
        results = cell.retrieval_results()
        if results is not None:
            values[cell.key] |= of_descriptors(results)
            counts[cell.key] = ResultCounts([str(name) for name in results.classes], result_counts(results))
        on_progress("measuring", done + 1, len(cells))
    for classes in {tuple(one.classes) for one in counts.values()}:
        keys = [key for key, one in counts.items() if tuple(one.classes) == classes]
        alike = look_alikes(np.sum([counts[key].counts for key in keys], axis=0))
        for key in keys:
            values[key] |= of_results(counts[key].counts, alike)
            if of_counts is not None:
                values[key] |= of_counts(classes, counts[key].counts)
    return Measured(study, values, counts, common)
