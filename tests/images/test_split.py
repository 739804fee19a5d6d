from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from podoba.images.split import as_split, balanced_subset, split_named, stratified_split, unbalanced_subset

labels_of = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=80)


@given(labels_of, st.floats(0.0, 0.9), st.integers(0, 5))
def test_every_class_keeps_its_share(labels: list[str | None], fraction: float, seed: int) -> None:
    kept, held = stratified_split(labels, fraction, seed)
    assert sorted([*kept, *held]) == list(range(len(labels)))
    counts = Counter(label or "" for label in labels)
    taken = Counter((labels[i] or "") for i in held)
    for name, count in counts.items():
        assert abs(taken[name] - fraction * count) <= 1
        assert taken[name] < count
    again = stratified_split(labels, fraction, seed)
    assert np.array_equal(held, again[1])


def test_splits_of_usual_names_are_called_alike() -> None:
    assert [split_named(name) for name in ("Train", "TRAINING", "val", "valid", "validation", "dev", " test ", "Testing")] == [
        "train", "train", "validation", "validation", "validation", "validation", "test", "test",
    ]  # fmt: skip
    assert [split_named(name) for name in ("tests", "cat", "")] == [None, None, None]
    assert [as_split(name) for name in ("Val", " fold 3 ", "", None)] == ["validation", "fold 3", None, None]


def test_many_small_classes_still_give_their_share() -> None:
    _, held = stratified_split([str(i % 40) for i in range(160)], 0.1, 0)
    assert len(held) == 16


@given(labels_of, st.integers(1, 90), st.integers(0, 5))
def test_subset_is_as_even_as_it_can_be(labels: list[str | None], n: int, seed: int) -> None:
    rows = balanced_subset(labels, n, seed)
    assert len(rows) == min(n, len(labels)) == len(set(rows.tolist()))
    taken = Counter(labels[i] or "" for i in rows)
    counts = Counter(label or "" for label in labels)
    most = max(taken.values())
    assert all(taken[name] >= min(count, most - 1) for name, count in counts.items())


@given(st.integers(2, 6), st.integers(20, 60), st.floats(1, 20), st.integers(0, 3))
def test_unbalanced_classes_fall_exponentially(classes: int, images: int, ratio: float, seed: int) -> None:
    labels = [str(i % classes) for i in range(classes * images)]
    rows = unbalanced_subset(labels, ratio, seed)
    assert np.array_equal(rows, unbalanced_subset(labels, ratio, seed))
    sizes = sorted(Counter(labels[i] for i in rows).values(), reverse=True)
    assert sizes == [max(2, round(images * ratio ** (-i / (classes - 1)))) for i in range(classes)]


def test_a_ratio_of_one_keeps_all() -> None:
    assert len(unbalanced_subset(["a", "b", "a", None], 1.0, 0)) == 4
