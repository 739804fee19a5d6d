"""Where pictures come from, and what happens when they are gone; near-duplicates among them."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.images.record import ImageRecord
from podoba.images.sources.open import open_source
from podoba.report.study.find.caveats import duplicates_summary
from podoba.report.study.read.measured import Shown, same_queries
from podoba.report.study.read.overlap import near_duplicates, scores_without, thumbnails
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.pictures import SIDE, Pictures, data_uri
from podoba.study.folder import Cell, RetrievalResults, Study

MakeStudy = Callable[..., Study]


def record(picture: Image.Image | None, name: str) -> ImageRecord:
    def read() -> bytes:
        if picture is None:
            return b"nothing"
        out = io.BytesIO()
        picture.save(out, "PNG")
        return out.getvalue()

    return ImageRecord(name, name, "a", read)


def decoded(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_pictures_are_made_small_and_never_larger() -> None:
    large, small = data_uri(record(Image.new("RGB", (200, 100), "red"), "l")), data_uri(record(Image.new("RGB", (20, 30)), "s"))
    assert large is not None
    assert small is not None
    assert decoded(large).size == (SIDE, SIDE // 2)
    assert decoded(small).size == (20, 30)
    assert data_uri(record(None, "broken")) is None


def test_each_picture_is_taken_once_until_there_is_no_more_room() -> None:
    opened: list[str] = []
    rng = np.random.default_rng(0)
    records = []
    for i in range(20):
        one = record(Image.fromarray(rng.integers(0, 255, (32, 32, 3)).astype(np.uint8)), str(i))
        read = one.open
        records.append(replace(one, open=lambda read=read, i=i: (opened.append(str(i)), read())[1]))
    pictures = Pictures()
    pictures.add("q-", records, [5, 3, 5])
    pictures.add("q-", records, [3, 7])
    assert list(pictures.uris) == ["q-5", "q-3", "q-7"]
    assert sorted(opened) == ["3", "5", "7"]
    room = sum(len(uri) for uri in pictures.uris.values())
    few = Pictures(most_bytes=room)
    few.add("q-", records, [5, 3, 7, 9, 11])
    assert list(few.uris) == ["q-5", "q-3", "q-7"]
    assert few.full


@pytest.fixture
def small(make_study: MakeStudy, tmp_path: Path) -> tuple[Study, list[Shown]]:
    study = make_study(tmp_path, seeds=(0,))
    return study, same_queries(study)


def test_sources_that_are_there(small: tuple[Study, list[Shown]]) -> None:
    sources = Sources(small[1])
    assert sources.missing == {}
    assert sources.queries is not None
    assert len(sources.queries) == 359
    assert {record.split for record in sources.queries} == {"test"}
    assert list(sources.galleries) == [0]
    assert sources.training(small[1][0].cell) is sources.galleries[0]


def with_settings(shown: list[Shown], **settings: Any) -> list[Shown]:
    return [replace(one, cell=replace(one.cell, settings=one.cell.settings | settings)) for one in shown]


@pytest.mark.parametrize(
    ("source", "reason"),
    [("nowhere/photos", "no such file"), ("cifar10", "no longer in the cache"), (["digits", "no.zip"], "no such file")],
)
def test_a_source_that_is_gone_is_named_and_nothing_is_fetched(
    small: tuple[Study, list[Shown]], source: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podoba.images.sources.catalogue.download", lambda *a, **k: pytest.fail("it would be fetched"))
    sources = Sources(with_settings(small[1], train=source))
    assert sources.queries is not None
    assert sources.galleries == {}
    assert [reason in text for text in sources.missing.values()] == [True]


def test_a_source_whose_images_have_changed_is_not_shown(small: tuple[Study, list[Shown]]) -> None:
    first = small[1][0]
    other = replace(first.results, query_labels=(first.results.query_labels + 1) % 10)
    sources = Sources([replace(first, results=other)])
    assert sources.queries is None
    assert "other images" in sources.missing["digits"]
    shorter = replace(first.results, query_rows=first.results.query_rows + 10_000)
    assert Sources([replace(first, results=shorter)]).queries is None


def test_judged_on_held_out_images_are_those_of_the_training_source(small: tuple[Study, list[Shown]]) -> None:
    first = small[1][0]
    train = first.results
    held = replace(train, query_rows=train.gallery_rows[:50], query_labels=train.gallery_labels[:50])
    sources = Sources(with_settings([replace(first, results=held)], test=None))
    assert sources.queries is not None
    assert sources.queries.records[0].split == "train"


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
    away = np.full((6, 10), (copied + 1) % 12)  # no descriptor finds it: the hash must
    one = shown_of(train, test, away)
    found = near_duplicates([one], queries, gallery, tmp_path / "cache")
    assert [(pair["query"], pair["gallery"]) for pair in found] == [(asked, copied)]
    assert (found[0]["by_hash"], found[0]["by_descriptor"], found[0]["same_class"]) == (True, False, False)
    summary = duplicates_summary(found, [one])
    assert (summary["found"], summary["images"], summary["other_class"], summary["too_alike"]) == (1, 6, 1, False)
    assert duplicates_summary(found * 2, [one])["too_alike"]


def test_duplicates_are_looked_for_once(leaking: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = leaking
    one = shown_of(train, test, np.zeros((6, 10), np.int64))
    first = near_duplicates([one], open_source(test), open_source(train), tmp_path / "cache")
    monkeypatch.setattr("podoba.report.study.read.overlap._find", lambda *a: pytest.fail("looked for again"))
    assert near_duplicates([one], open_source(test), open_source(train), tmp_path / "cache") == first
    assert near_duplicates([], open_source(test), open_source(train), tmp_path / "cache") == []


def test_a_candidate_of_the_descriptors_must_agree_in_its_pixels(
    leaking: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podoba.report.study.read.overlap.HASH_BITS", -1)  # no hash is that close: descriptors alone
    train, test = leaking
    queries, gallery = open_source(test), open_source(train)
    copied = next(i for i, one in enumerate(gallery) if one.uri.endswith("07.png"))
    found = near_duplicates([shown_of(train, test, np.full((6, 10), copied))], queries, gallery, tmp_path / "cache")
    assert [(queries.records[pair["query"]].uri[-6:], pair["by_hash"], pair["by_descriptor"]) for pair in found] == [
        ("00.png", False, True)
    ]


def test_pictures_that_cannot_be_read_are_no_duplicates(leaking: tuple[Path, Path]) -> None:
    train, _ = leaking
    source = open_source(train)
    Path(source.records[0].uri).write_bytes(b"broken")
    pixels, readable = thumbnails(source.records)
    assert readable.tolist() == [False, *[True] * 11]
    assert pixels[0].max() == 0
    shutil.rmtree(train)


def test_scores_without_duplicates(small: tuple[Study, list[Shown]]) -> None:
    one = small[1][0]
    rows = one.results.query_rows
    votes = [np.bincount(one.results.gallery_labels[found[:5]], minlength=10).argmax() for found in one.results.indices]
    right = np.array(votes) == one.results.query_labels
    pairs = [{"query": int(row)} for row in rows[right][:40]]
    got = scores_without(one, pairs)
    assert got == (pytest.approx(right.mean()), pytest.approx((right.sum() - 40) / (len(right) - 40)))
    assert right.mean() == pytest.approx(one.cell.evaluation["knn_score"])
    assert scores_without(one, [{"query": int(row)} for row in rows]) is None
    assert duplicates_summary(None, [one]) == {"known": False}
