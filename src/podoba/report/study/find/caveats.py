"""What a reader must know before believing the numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.report.study.read.cells import finished
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.overlap import LISTED, SETTINGS, Pair, scores_without
from podoba.report.study.read.shown import Shown
from podoba.report.study.table import Column, Table, Value, Word

NAMED = 12  # classes named one by one
TOO_ALIKE = 0.2  # share of test images with a look-alike beyond which pixels cannot tell a copy from mere likeness


def overlap_summary(pairs: Sequence[Pair] | None, shown: Sequence[Shown]) -> dict[str, Any]:
    """Counts of the test images that are also in the gallery, and the pairs most alike.

    Args:
        pairs: train-test overlap; None: the pictures cannot be read, and nothing can be compared.
    """
    if pairs is None or not shown:
        return {"known": False}
    images = len(shown[0].results.query_rows)
    return {
        "known": True,
        "images": images,
        "overlapping": len(pairs),
        "share": len(pairs) / images,
        "too_alike": len(pairs) > TOO_ALIKE * images,
        "by_pixels": sum(pair["by_pixels"] for pair in pairs),
        "by_descriptor": sum(pair["by_descriptor"] for pair in pairs),
        "other_class": sum(not pair["same_class"] for pair in pairs),
        "neighbours": SETTINGS.overlap.candidates.neighbours,
        "correlation": SETTINGS.overlap.correlation,
        "gallery": shown[0].gallery,
        "pairs": [dict(pair) for pair in pairs[:LISTED]],
    }


def without_overlap_table(measured: Measured, shown: Sequence[Shown], pairs: Sequence[Pair] | None) -> Table:
    """The KNN score of each variant on all test images, and without those that have a near-duplicate in the gallery."""
    rows: list[Mapping[str, Value]] = []
    for variant in shown:
        scores = None if pairs is None else scores_without(variant, pairs)
        if scores is not None:
            name = measured.study.variants[variant.place].name
            rows.append(
                {"variant": name, "seed": variant.cell.seed, "knn_all": scores[0], "knn_without": scores[1],
                 "difference": scores[1] - scores[0]}
            )  # fmt: skip
    columns = [Column("variant"), Column("seed"), Column("knn_all", 4), Column("knn_without", 4), Column("difference", 4)]
    return Table("without-duplicates", columns, rows)


def class_overlap(shown: Sequence[Shown]) -> Word | None:
    """Which classes are in the test images, in the gallery, and in both."""
    if not shown:
        return None
    results = shown[0].results
    queries, gallery = (
        {int(i) for i in np.unique(labels) if i >= 0} for labels in (results.query_labels, results.gallery_labels)
    )
    return Word(
        "caveats.classes",
        {
            "queries": len(queries),
            "gallery": len(gallery),
            "both": len(queries & gallery),
            "only_queries": _names(results.classes, queries - gallery),
            "only_gallery": _names(results.classes, gallery - queries),
        },
    )


def validation_words(measured: Measured) -> list[Word]:
    """How the validation images were chosen, for each way the cells did it."""
    words: list[Word] = []
    for cell in finished(measured.study):
        validation = cell.settings.get("validation", 0)
        if isinstance(validation, str):
            word = Word("caveats.validation.source", {"source": validation})
        elif validation:
            word = Word("caveats.validation.share", {"share": f"{100 * validation:g}"})
        else:
            word = Word("caveats.validation.none")
        if word not in words:
            words.append(word)
    return words


def selection_words(measured: Measured, shown: Sequence[Shown]) -> list[Word]:
    """Which numbers chose an epoch, a setting or a variant, and which did not."""
    cells = finished(measured.study)
    monitors = sorted({str(cell.settings.get("early_stopping", {}).get("monitor", "validation_precision")) for cell in cells})
    words = [Word(f"caveats.epoch.{monitor}") for monitor in monitors]
    if measured.study.plan.search:
        words.append(Word("caveats.search"))
    evaluated_on = {cell.evaluation.get("judged_on") for cell in cells}
    words += [Word(f"caveats.evaluated_on.{images}") for images in ("test", "validation") if images in evaluated_on]
    if len(shown) > 1:
        words.append(Word("caveats.many", {"variants": len(shown)}))
    return words


def notes(measured: Measured) -> list[str]:
    """What the trainings noted, each once."""
    return list(dict.fromkeys(note for cell in finished(measured.study) if cell.summary for note in cell.summary.notes))


def _names(classes: NDArray[np.str_], numbers: set[int]) -> str:
    names = [str(classes[i]) for i in sorted(numbers)]
    more = len(names) - NAMED
    return (", ".join(names[:NAMED]) + (f" … +{more}" if more > 0 else "")) or "0"
