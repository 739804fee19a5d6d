"""Names as queries: shares against a slow loop, and labels in words."""

from __future__ import annotations

import numpy as np
import pytest

from podoba.metrics.zero_shot import words_of_label, zero_shot


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("n02124075 Egyptian cat", "Egyptian cat"),
        ("n02124075_Egyptian_cat", "Egyptian cat"),
        ("Red-Bell-Pepper", "Red Bell Pepper"),
        ("cup_cakes", "cup cakes"),
        ("  п'ять  котів", "п'ять котів"),
        ("n0212 x", "n0212 x"),
        ("n02124075", "n02124075"),
    ],
)
def test_a_label_in_words(label: str, words: str) -> None:
    assert words_of_label(label) == words


def test_scores_are_those_of_a_slow_loop() -> None:
    rng = np.random.default_rng(0)
    classes = [f"class {i}" for i in range(8)]
    names = rng.standard_normal((8, 16)).astype(np.float32)
    own = np.concatenate([np.arange(8), rng.integers(0, 7, 192)])  # the last class has one image
    images = (names[own] + 2 * rng.standard_normal((200, 16))).astype(np.float32)
    images, names = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (images, names))
    scores = zero_shot(images, [classes[row] for row in own], classes, names)
    ranks = []
    for row, image in enumerate(images):
        order = sorted(range(8), key=lambda name: -float(image @ names[name]))
        ranks.append(order.index(own[row]))
    assert (scores.images, scores.classes, scores.chance) == (200, 8, 0.125)
    assert scores.top1 == pytest.approx(np.mean([rank == 0 for rank in ranks]))
    assert scores.top5 == pytest.approx(np.mean([rank < 5 for rank in ranks]))
    low, high = scores.intervals["top1"]
    assert 0.3 < low < scores.top1 < high < 0.9
    precisions = []
    for name in range(8):
        order = sorted(range(200), key=lambda row: -float(images[row] @ names[name]))[: min(10, int((own == name).sum()))]
        precisions.append(np.mean([own[row] == name for row in order]))
    assert scores.precision_at_10 == pytest.approx(np.mean(precisions))
    by_class = {classes[name]: np.mean([ranks[row] == 0 for row in np.flatnonzero(own == name)]) for name in range(8)}
    assert [name for name, _ in scores.worst] == sorted(by_class, key=lambda name: by_class[name])[:5]
    assert dict(scores.worst) == {name: pytest.approx(by_class[name]) for name, _ in scores.worst}


def test_of_five_classes_all_are_among_the_five_nearest() -> None:
    scores = zero_shot(np.eye(2, dtype=np.float32), ["a", "b"], ["a", "b"], np.eye(2, dtype=np.float32))
    assert (scores.top1, scores.top5, set(scores.intervals), scores.worst) == (1.0, None, {"top1"}, [("a", 1.0), ("b", 1.0)])
    assert set(scores.to_json()) == {
        "images", "classes", "top1", "top5", "intervals", "precision_at_10", "chance", "worst",
    }  # fmt: skip
