from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.errors import TrainingError
from podoba.learn.feedback.marked_pairs import MarkedQuery, marked_queries


def test_queries_come_with_what_is_right_and_wrong_for_them(marked: Path) -> None:
    with Collection.open(marked, read_only=True) as collection:
        queries = marked_queries(collection)
        marks = sum(len(collection.store.marks.verdicts([record.key])) for record in collection.store.marks.queries())
    assert 8 <= len(queries) <= 60
    assert sum(len(one.right) + len(one.wrong) for one in queries) <= marks
    for one in queries:
        assert len(one.right) > 0
        assert len(one.wrong) > 0
        assert one.query is not None
        for rows in (one.query[None], one.right, one.wrong):
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_anchors_are_the_query_and_what_is_right_for_it() -> None:
    query, right, wrong = np.ones(2, np.float32), np.zeros((3, 2), np.float32), np.zeros((1, 2), np.float32)
    assert MarkedQuery(query, right, wrong).anchors.tolist() == [[1, 1], [0, 0], [0, 0], [0, 0]]
    assert MarkedQuery(None, right, wrong).anchors is right


def test_too_few_marks_are_refused(marked: Path, tmp_path: Path) -> None:
    with Collection.open(marked, read_only=True) as original:
        original.copy_to(tmp_path / "few.podoba")
    with Collection.open(tmp_path / "few.podoba") as collection:
        collection.forget()
        with pytest.raises(TrainingError, match=r"too few marks.*0 of 0 queries.*podoba mark"):
            marked_queries(collection)
