from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.report.study.read.shown import Shown, same_queries
from podoba.runs.retrieval_results import read_retrieval_results, write_retrieval_results
from podoba.runs.run_folder import RunFolder
from podoba.study.folder import Study


def test_the_first_finished_seed_stands_for_a_variant(shown: list[Shown]) -> None:
    assert [(one.place, one.cell.seed) for one in shown] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 1)]


def test_a_variant_with_other_test_images_is_not_put_beside(make_study: Callable[..., Study], tmp_path: Path) -> None:
    made = make_study(tmp_path, seeds=(0,))
    path = RunFolder(made.variants[1].cells[0].folder).retrieval_results
    results = read_retrieval_results(path)
    write_retrieval_results(replace(results, query_rows=results.query_rows + 1), path)
    assert [one.place for one in same_queries(made)] == [0, 2, 3, 4, 5, 6]


def test_only_the_descriptors_of_the_map_are_kept(shown: list[Shown]) -> None:
    assert shown[0].results.queries.shape == (0, 64)
    assert shown[0].descriptors.shape == (120, 64)
    assert np.linalg.norm(shown[0].descriptors, axis=1) == pytest.approx(np.ones(120), abs=1e-6)
