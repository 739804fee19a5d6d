from __future__ import annotations

import numpy as np
import pytest

from podoba.report.study.read.cells import finished
from podoba.report.study.read.measured import Measured, measure
from podoba.study.folder import Study


def test_every_finished_cell_is_measured(study: Study, measured: Measured) -> None:
    assert set(measured.values) == set(measured.result_counts) == {cell.key for cell in finished(study)}
    assert len(finished(study)) == 12
    made = measured.over_seeds(study.variants[0], "knn_score")
    scores = [cell.evaluation["knn_score"] for cell in study.variants[0].cells]
    assert made is not None
    assert made.mean == pytest.approx(np.mean(scores))
    assert made.n == 2
    alone = measured.over_seeds(study.variants[2], "knn_score")
    assert alone is not None
    assert (alone.n, alone.low) == (1, None)


def test_further_quantities_of_the_counts_are_added(study: Study, measured: Measured) -> None:
    more = measure(study, of_counts=lambda classes, counts: {"classes": len(classes), "results": int(counts.sum())})
    for key, values in more.values.items():
        assert values == measured.values[key] | {"classes": 10, "results": int(measured.result_counts[key].counts.sum())}


def test_the_common_epoch_is_the_last_that_all_finished_cells_reached(measured: Measured) -> None:
    assert measured.common_epochs == 12
