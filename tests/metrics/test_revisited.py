from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from podoba.errors import SourceError
from podoba.metrics.ground_truth import GroundTruth, Protocol, Query
from podoba.metrics.revisited import PROTOCOLS, average_precision, score_instances

NAMES = [f"image_{i:03}" for i in range(30)]


def unit(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def slow_score(order: list[str], right: set[str], junk: set[str], k: int) -> tuple[float, float]:
    """Average precision and precision at k, by walking down the ranking as the published program does."""
    kept = [name for name in order if name not in junk]
    ap, hits, recall, precision = 0.0, 0, 0.0, 1.0
    last = 0
    for place, name in enumerate(kept):
        if name in right:
            hits += 1
            last = place + 1
        now_recall, now_precision = hits / len(right), hits / (place + 1)
        ap += (now_recall - recall) * (precision + now_precision) / 2
        recall, precision = now_recall, now_precision
    depth = min(last, k)
    return ap, sum(name in right for name in kept[:depth]) / depth


@pytest.mark.parametrize("numbers_at_once", [65, 1 << 24])
@pytest.mark.parametrize("protocol", ["original", "revisited"])
@pytest.mark.parametrize("there", [False, True])
def test_scores_equal_a_walk_down_the_ranking(protocol: Protocol, there: bool, numbers_at_once: int) -> None:
    """Also where queries are in the gallery, two of them twice: the revisited protocol leaves them out, the original does not."""
    rng = np.random.default_rng(0)
    gallery, descriptors = unit(rng, 30), unit(rng, 5)
    kinds = ("good", "ok", "junk") if protocol == "original" else ("easy", "hard", "junk")
    queries = []
    for i in range(5):
        mixed = rng.permutation(NAMES).tolist()
        lists = {kinds[0]: mixed[:4], kinds[1]: mixed[4:7], kinds[2]: mixed[7:12]}
        queries.append(Query(f"q{i}", (0, 0, 1, 1), lists))
    numbers = np.arange(30) % 28
    images = (np.array([0, 1, 5, 6, 99]), numbers) if there else None
    if there:
        gallery[:2], gallery[28:], gallery[5:7] = descriptors[:2], descriptors[:2], descriptors[2:4]
    scores = score_instances(
        descriptors, gallery, NAMES, GroundTruth(queries, protocol), images=images, numbers_at_once=numbers_at_once
    )
    for difficulty, (good, junk) in PROTOCOLS[protocol].items():
        rows = []
        for i, (descriptor, query) in enumerate(zip(descriptors, queries, strict=True)):
            leave_out = images is not None and protocol == "revisited"
            own = {NAMES[row] for row in range(30) if images and leave_out and numbers[row] == images[0][i]}
            order = [NAMES[i] for i in np.argsort(-(gallery @ descriptor), kind="stable")]
            right = {n for kind in good for n in query.lists[kind]} - own
            rows.append(slow_score(order, right, {n for kind in junk for n in query.lists[kind]} | own, 5))
        assert scores[difficulty]["map"] == pytest.approx(np.mean([r[0] for r in rows]))
        assert scores[difficulty]["mp@5"] == pytest.approx(np.mean([r[1] for r in rows]))


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_average_precision_equals_a_walk_down_the_ranking(seed: int, count: int) -> None:
    right = np.flatnonzero(np.random.default_rng(seed).random(count) < 0.4)
    if len(right):
        names = [str(place) for place in range(count)]
        assert average_precision(right) == pytest.approx(slow_score(names, {str(i) for i in right}, set(), 1)[0])


def test_average_precision_of_known_rankings() -> None:
    assert average_precision(np.array([0, 1, 2])) == 1.0
    assert average_precision(np.array([1])) == pytest.approx(0.25)


def test_a_difficulty_without_positives_is_null() -> None:
    rng = np.random.default_rng(1)
    truth = GroundTruth([Query("q", (0, 0, 1, 1), {"easy": NAMES[:2], "hard": [], "junk": []})], "revisited")
    scores = score_instances(unit(rng, 1), unit(rng, 30), NAMES, truth)
    assert scores["hard"]["map"] is None
    assert scores["easy"]["map"] is not None


def test_a_gallery_that_lacks_images_is_refused() -> None:
    rng = np.random.default_rng(1)
    truth = GroundTruth([Query("q", (0, 0, 1, 1), {"good": ["gone"], "ok": [], "junk": []})], "original")
    with pytest.raises(SourceError, match="gone"):
        score_instances(unit(rng, 1), unit(rng, 30), NAMES, truth)
