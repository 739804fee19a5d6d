from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.runs.retrieval_results import RetrievalResults, read_retrieval_results, write_retrieval_results


@pytest.fixture
def results() -> RetrievalResults:
    rng = np.random.default_rng(0)
    return RetrievalResults(
        queries=rng.normal(size=(3, 4)).astype(np.float16),
        query_labels=np.array([0, 1, 1]),
        gallery_labels=np.array([1, 0]),
        classes=np.array(["кіт", "dog"]),
        indices=np.array([[0, 1], [1, 0], [0, 1]]),
        similarities=rng.random((3, 2), dtype=np.float32),
        query_rows=np.array([5, 6, 9]),
        gallery_rows=np.array([0, 2]),
    )


def test_what_is_written_is_read_back_with_its_types(results: RetrievalResults, tmp_path: Path) -> None:
    write_retrieval_results(results, tmp_path / "r.npz")
    read = read_retrieval_results(tmp_path / "r.npz")
    for name, value in vars(results).items():
        assert getattr(read, name).dtype == value.dtype
        np.testing.assert_array_equal(getattr(read, name), value)
    assert [path.name for path in tmp_path.iterdir()] == ["r.npz"]


def test_a_file_of_other_arrays_raises(tmp_path: Path) -> None:
    np.savez(tmp_path / "r.npz", queries=np.zeros(3))
    with pytest.raises(TypeError):
        read_retrieval_results(tmp_path / "r.npz")


def test_a_file_that_holds_objects_is_not_unpickled(results: RetrievalResults, tmp_path: Path) -> None:
    np.savez(tmp_path / "r.npz", **{**vars(results), "classes": np.array([object()])})
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_retrieval_results(tmp_path / "r.npz")
