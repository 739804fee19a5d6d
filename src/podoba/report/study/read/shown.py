"""The variants that stand side by side where pictures are to be seen, each by one of its runs."""

from dataclasses import dataclass, replace

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.report.study.read.cells import finished, first_finished, query_source, source_name
from podoba.report.study.read.quantities import sample_rows, unit
from podoba.runs.retrieval_results import RetrievalResults
from podoba.study.folder import Cell, Study

PictureRef = tuple[int | None, int]  # number of the gallery, None for the queries; row of the image in its source


@dataclass(frozen=True)
class Shown:
    """A variant where pictures are to be seen: one run stands for it.

    Attributes:
        place: of the variant in the study.
        gallery: number of the source that its results are rows of, among all sources that galleries of the study came from.
        results: of the run, without its descriptors, so that many runs fit into memory.
        rows: int64 (n,), the queries that are mapped, even over the classes.
        descriptors: float32 (n, D), unit length, of those.
    """

    place: int
    gallery: int
    cell: Cell
    results: RetrievalResults
    rows: Indices
    descriptors: Floats


def same_queries(study: Study) -> list[Shown]:
    """The variants that were evaluated on the same images as the first one, each by its first finished run.

    In a search the trials were evaluated on held-out images, and the best settings on the test images: then these are shown.
    """
    shown: list[Shown] = []
    galleries: dict[str, int] = {}
    tested = any(cell.evaluation.get("judged_on") == "test" for cell in finished(study))
    for place, variant in enumerate(study.variants):
        cell = first_finished(variant)
        if cell is None or (tested and cell.evaluation.get("judged_on") != "test"):
            continue
        results = cell.retrieval_results()
        if results is None or (shown and not _same(shown[0], cell, results)):
            continue
        rows = sample_rows(results.query_labels)
        gallery = galleries.setdefault(source_name(cell.settings["train"]), len(galleries))
        shown.append(
            Shown(place, gallery, cell, replace(results, queries=results.queries[:0]), rows, unit(results.queries[rows]))
        )
    return shown


def _same(first: Shown, cell: Cell, results: RetrievalResults) -> bool:
    return (
        source_name(query_source(first.cell)[0]) == source_name(query_source(cell)[0])
        and list(first.results.classes) == list(results.classes)
        and np.array_equal(first.results.query_rows, results.query_rows)
    )
