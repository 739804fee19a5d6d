"""Test images that are also training images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.images.compare.candidates import CandidateSettings
from podoba.images.sources.open import open_source
from podoba.report.study.read.overlap import SETTINGS, near_duplicates, scores_without
from podoba.report.study.read.shown import Shown
from podoba.runs.retrieval_results import RetrievalResults
from podoba.study.folder import Cell


@pytest.fixture
def leaking(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of training and test pictures: test picture 0 is a lighter copy of training picture 7, the others are new."""
    rng = np.random.default_rng(0)

    def picture() -> np.ndarray:
        return rng.integers(20, 200, (8, 8, 3)).repeat(6, axis=0).repeat(6, axis=1).astype(np.uint8)

    kept = [picture() for _ in range(12)]
    for i, pixels in enumerate(kept):
        path = tmp_path / "train" / f"class{i % 2}" / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    for i in range(6):
        pixels = np.clip(kept[7].astype(int) + 15, 0, 255).astype(np.uint8) if i == 0 else picture()
        path = tmp_path / "test" / f"class{i % 2}" / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path / "train", tmp_path / "test"


def shown_of(train: Path, test: Path, indices: np.ndarray) -> Shown:
    queries, gallery = open_source(test), open_source(train)

    def labels(source: Any) -> np.ndarray:
        return np.array([int(str(name)[-1]) for name in source.labels])

    results = RetrievalResults(
        queries=np.eye(6, dtype=np.float16), query_labels=labels(queries), gallery_labels=labels(gallery),
        classes=np.array(["class0", "class1"]), indices=indices, similarities=np.ones(indices.shape, np.float32),
        query_rows=np.arange(6), gallery_rows=np.arange(12),
    )  # fmt: skip
    cell = Cell("k", "k", {}, 0, {"train": str(train), "test": str(test)}, train, "done", None, None, [], {}, {})
    return Shown(0, 0, cell, results, np.arange(6), np.eye(6, dtype=np.float32))


def test_a_copy_among_the_training_images_is_found_by_its_pixels(leaking: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = leaking
    queries, gallery = open_source(test), open_source(train)
    copied = next(i for i, one in enumerate(gallery) if one.uri.endswith("07.png"))
    asked = next(i for i, one in enumerate(queries) if one.uri.endswith("00.png"))
    away = np.full((6, 10), (copied + 1) % 12)  # no descriptor finds it: the pixels must
    one = shown_of(train, test, away)
    found = near_duplicates([one], queries, gallery, tmp_path / "cache")
    assert [(pair["query"], pair["gallery"]) for pair in found] == [(asked, copied)]
    assert (found[0]["by_pixels"], found[0]["by_descriptor"], found[0]["same_class"]) == (True, False, False)


def test_duplicates_are_looked_for_once(leaking: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = leaking
    one = shown_of(train, test, np.zeros((6, 10), np.int64))
    first = near_duplicates([one], open_source(test), open_source(train), tmp_path / "cache")
    monkeypatch.setattr("podoba.report.study.read.overlap._find", lambda *a: pytest.fail("looked for again"))
    assert near_duplicates([one], open_source(test), open_source(train), tmp_path / "cache") == first
    assert near_duplicates([], open_source(test), open_source(train), tmp_path / "cache") == []


def test_a_candidate_of_the_descriptors_must_agree_in_its_pixels(leaking: tuple[Path, Path], tmp_path: Path) -> None:
    none_by_pixels = replace(SETTINGS, overlap=replace(SETTINGS.overlap, candidates=CandidateSettings(cosine=2)))
    train, test = leaking
    queries, gallery = open_source(test), open_source(train)
    copied = next(i for i, one in enumerate(gallery) if one.uri.endswith("07.png"))
    shown = [shown_of(train, test, np.full((6, 10), copied))]
    found = near_duplicates(shown, queries, gallery, tmp_path / "cache", settings=none_by_pixels)
    assert [(queries.records[pair["query"]].uri[-6:], pair["by_pixels"], pair["by_descriptor"]) for pair in found] == [
        ("00.png", False, True)
    ]


def test_images_that_cannot_be_read_are_no_duplicates(leaking: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = leaking
    queries, gallery = open_source(test), open_source(train)
    copied = next(i for i, one in enumerate(gallery) if one.uri.endswith("07.png"))
    Path(gallery.records[0].uri).write_bytes(b"broken")
    Path(queries.records[3].uri).write_bytes(b"broken")
    shown = [shown_of(train, test, np.full((6, 10), copied))]
    [pair] = near_duplicates(shown, queries, gallery, tmp_path / "cache")
    assert (queries.records[pair["query"]].uri[-6:], pair["gallery"]) == ("00.png", copied)
    Path(gallery.records[copied].uri).write_bytes(b"broken")
    assert near_duplicates(shown, queries, open_source(train), tmp_path / "cache") == []


def test_scores_without_duplicates(shown: list[Shown]) -> None:
    one = shown[0]
    rows = one.results.query_rows
    votes = [np.bincount(one.results.gallery_labels[found[:5]], minlength=10).argmax() for found in one.results.indices]
    right = np.array(votes) == one.results.query_labels
    pairs = [{"query": int(row)} for row in rows[right][:40]]
    got = scores_without(one, pairs)
    assert got is not None
    assert list(got) == pytest.approx([right.mean(), (right.sum() - 40) / (len(right) - 40)])
    assert right.mean() == pytest.approx(one.cell.evaluation["knn_score"])
    assert scores_without(one, [{"query": int(row)} for row in rows]) is None
