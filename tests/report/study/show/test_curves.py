from __future__ import annotations

import numpy as np
import pytest

from podoba.report.study.read.measured import Measured
from podoba.report.study.show.curves import curves


def test_curves_of_all_cells_also_of_those_not_finished(measured: Measured) -> None:
    lines = curves(measured)
    assert len(lines) == 13  # fourteen cells, of which the failed one has no epoch
    pending = next(line for line in lines if not line["done"])
    assert (len(pending["epochs"]), pending["gap_best"]) == (3, None)
    first = lines[0]
    assert first["best"] == first["epochs"][int(np.argmin(first["validation"]))]
    place = first["epochs"].index(first["best"])
    assert first["gap_best"] == pytest.approx(first["validation"][place] - first["training"][place], abs=1e-3)
