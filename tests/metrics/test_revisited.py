from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.errors import SourceError
from podoba.metrics.revisited import PROTOCOLS, GroundTruth, Query, average_precision, read_ground_truth, score_instances

NAMES = [f"image_{i:03}" for i in range(30)]


def unit(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def slow_score(order: list[str], right: set[str], junk: set[str], k: int) -> tuple[float, float]:
    """Average precision and precision at k, by walking down the ranking as the published program does."""
    kept = [name for name in order if name not in junk]
    ap, found, recall, precision = 0.0, 0, 0.0, 1.0
    last = 0
    for place, name in enumerate(kept):
        if name in right:
            found += 1
            last = place + 1
        now_recall, now_precision = found / len(right), found / (place + 1)
        ap += (now_recall - recall) * (precision + now_precision) / 2
        recall, precision = now_recall, now_precision
    depth = min(last, k)
    return ap, sum(name in right for name in kept[:depth]) / depth


@pytest.mark.parametrize("protocol", ["original", "revisited"])
def test_scores_equal_a_walk_down_the_ranking(protocol: str) -> None:
    rng = np.random.default_rng(0)
    gallery, asked = unit(rng, 30), unit(rng, 5)
    kinds = ("good", "ok", "junk") if protocol == "original" else ("easy", "hard", "junk")
    queries = []
    for i in range(5):
        mixed = rng.permutation(NAMES).tolist()
        lists = {kinds[0]: mixed[:4], kinds[1]: mixed[4:7], kinds[2]: mixed[7:12]}
        queries.append(Query(f"q{i}", (0, 0, 1, 1), lists))
    scores = score_instances(asked, gallery, NAMES, GroundTruth(queries, protocol))
    for difficulty, (good, junk) in PROTOCOLS[protocol].items():
        rows = []
        for descriptor, query in zip(asked, queries, strict=True):
            order = [NAMES[i] for i in np.argsort(-(gallery @ descriptor), kind="stable")]
            right = {n for kind in good for n in query.lists[kind]}
            rows.append(slow_score(order, right, {n for kind in junk for n in query.lists[kind]}, 5))
        assert scores[difficulty]["map"] == pytest.approx(np.mean([r[0] for r in rows]))
        assert scores[difficulty]["mp@5"] == pytest.approx(np.mean([r[1] for r in rows]))


def test_average_precision_of_known_rankings() -> None:
    assert average_precision(np.array([0, 1, 2])) == 1.0
    assert average_precision(np.array([1])) == pytest.approx(0.25)


def test_a_difficulty_without_positives_is_null() -> None:
    rng = np.random.default_rng(1)
    truth = GroundTruth([Query("q", (0, 0, 1, 1), {"easy": NAMES[:2], "hard": [], "junk": []})], "revisited")
    scores = score_instances(unit(rng, 1), unit(rng, 30), NAMES, truth)
    assert scores["hard"]["map"] is None
    assert scores["easy"]["map"] is not None


def test_old_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "hall_1_query.txt").write_text("oxc1_image_000 1.5 2 30 40\n")
    for kind, content in {"good": "image_001\n", "ok": "image_002\nimage_003\n", "junk": ""}.items():
        (tmp_path / f"hall_1_{kind}.txt").write_text(content)
    truth = read_ground_truth(tmp_path)
    assert truth.queries == [
        Query("image_000", (1.5, 2, 30, 40), {"good": ["image_001"], "ok": ["image_002", "image_003"], "junk": []})
    ]


def test_new_files_are_read(tmp_path: Path) -> None:
    truth = {"bbx": [1, 2, 3, 4], "easy": [0], "hard": [1, 2], "junk": []}
    path = tmp_path / "gnd.json"
    path.write_text(json.dumps({"imlist": NAMES[:3], "qimlist": ["q"], "gnd": [truth]}))
    read = read_ground_truth(path)
    assert read.queries[0].lists == {"easy": NAMES[:1], "hard": NAMES[1:3], "junk": []}
    assert read.gallery == NAMES[:3]


@pytest.mark.parametrize("content", ["{}", "[1]", "nothing", '{"imlist": [], "qimlist": ["q"], "gnd": []}'])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "gnd.json").write_text(content)
    with pytest.raises(SourceError, match="ground truth"):
        read_ground_truth(tmp_path / "gnd.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"_query\.txt"):
        read_ground_truth(tmp_path / "empty")


def test_a_gallery_that_lacks_images_is_refused() -> None:
    rng = np.random.default_rng(1)
    truth = GroundTruth([Query("q", (0, 0, 1, 1), {"good": ["gone"], "ok": [], "junk": []})], "original")
    with pytest.raises(SourceError, match="gone"):
        score_instances(unit(rng, 1), unit(rng, 30), NAMES, truth)
