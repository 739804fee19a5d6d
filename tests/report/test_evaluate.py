"""A model evaluated on labelled images is its descriptors evaluated."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.errors import PodobaError, SourceError
from podoba.images.contents import Shared
from podoba.images.record import Skipped
from podoba.images.sources.open import open_source
from podoba.metrics.calibration import expected_calibration_error
from podoba.metrics.evaluation import evaluate
from podoba.models.calibration import Background
from podoba.models.names import open_model
from podoba.report.evaluate import choose_queries, encode_source, evaluate_model

Picture = Callable[..., Path]


@pytest.fixture
def labelled(tmp_path: Path, picture: Picture) -> Path:
    """Two classes of three images, one of which cannot be read."""
    for seed in range(6):
        picture(tmp_path / "images" / "ab"[seed % 2] / f"{seed}.png", seed)
    (tmp_path / "images" / "a" / "0.png").write_text("no image")
    return tmp_path / "images"


def test_leave_one_out_is_that_of_the_descriptors(labelled: Path) -> None:
    encoder, skipped = open_model("small"), list[Skipped]()
    progress: list[tuple[str, int, int]] = []
    result = evaluate_model(encoder, open_source(labelled), skipped=skipped, on_progress=lambda *step: progress.append(step))
    assert [Path(row.uri).name for row in skipped] == ["0.png"]
    assert progress == [("encoding images", 5, 6), ("scoring", 5, 5)]
    assert result.queries is result.gallery
    assert result.queries.labels == ["a", "a", "b", "b", "b"]
    assert result.scores.to_json() == evaluate(result.queries.descriptors, result.queries.labels).to_json()
    np.testing.assert_allclose(np.linalg.norm(result.queries.descriptors, axis=1), 1, atol=1e-5)


def test_a_gallery_of_its_own_is_searched(labelled: Path, tmp_path: Path, picture: Picture) -> None:
    picture(tmp_path / "queries" / "a" / "x.png", 9)
    encoder = open_model("small")
    result = evaluate_model(encoder, open_source(tmp_path / "queries"), open_source(labelled))
    assert (result.scores.queries, result.scores.gallery) == (1, 5)
    expected = encode_source(encoder, open_source(labelled))
    np.testing.assert_array_equal(result.gallery.descriptors, expected.descriptors)


def test_too_few_images_are_refused(labelled: Path, tmp_path: Path, picture: Picture) -> None:
    encoder = open_model("small")
    lone = open_source(picture(tmp_path / "lone" / "a" / "x.png", 9).parent)
    with pytest.raises(SourceError, match="can be read: 1, too few"):
        evaluate_model(encoder, lone)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.png").write_text("no image")
    with pytest.raises(SourceError, match=r"bad: images that can be read: 0"):
        evaluate_model(encoder, lone, open_source(tmp_path / "bad"))


def test_queries_are_chosen_by_id_or_drawn() -> None:
    ids = [f"{i:02}" for i in range(20)]
    assert choose_queries("id:03, 01", ids, 0) == [3, 1]
    drawn = choose_queries("5", ids, 0)
    assert drawn == sorted(set(drawn)) == choose_queries("5", ids, 0) != choose_queries("5", ids, 1)
    assert len(drawn) == 5
    assert choose_queries("99", ids, 0) == list(range(20))
    with pytest.raises(PodobaError, match="no image of id 'cat'"):
        choose_queries("01,cat", ids, 0)


@pytest.fixture
def twice(tmp_path: Path, picture: Picture) -> tuple[Path, Path]:
    """Queries of two classes, and a gallery of their own copies and two further images of each class."""
    for seed in range(4):
        picture(tmp_path / "queries" / "ab"[seed % 2] / f"{seed}.png", seed)
        for copy in range(seed):
            picture(tmp_path / "gallery" / "ba"[copy % 2] / f"copy-{seed}-{copy}.png", seed)  # whatever its label
        picture(tmp_path / "gallery" / "ab"[seed % 2] / f"other-{seed}.png", seed + 100)
    return tmp_path / "queries", tmp_path / "gallery"


def test_no_query_finds_itself_or_a_copy_of_itself(twice: tuple[Path, Path]) -> None:
    encoder, (queries, gallery) = open_model("small"), map(open_source, twice)
    result = evaluate_model(encoder, queries, gallery)
    assert result.shared == Shared(3, 0, 3)
    names = [Path(record.uri).stem for record in result.gallery.records]
    for row, record in enumerate(result.queries.records):
        found = [names[place] for place in result.scores.neighbours.indices[row] if place >= 0]
        own = [name for name in names if name.startswith(f"copy-{Path(record.uri).stem}-")]
        assert sorted(found) == sorted(set(names) - set(own))
    others = [i for i, name in enumerate(names) if not name.startswith("copy")]
    alone = evaluate_model(encoder, queries, gallery.subset(others))
    assert alone.shared == Shared(0, 0, 0)


@pytest.mark.parametrize("joined", [False, True])
def test_images_as_their_own_gallery_score_as_without_one(labelled: Path, twice: tuple[Path, Path], joined: bool) -> None:
    """By whichever name they are given again; among themselves copies do not find each other either."""
    encoder, source = open_model("small"), open_source(twice[1])
    shutil.copytree(twice[1], labelled / "again")
    again = open_source(twice[1] if not joined else labelled / "again")
    alone = evaluate_model(encoder, source)
    result = evaluate_model(encoder, source, again)
    assert alone.copies == 5  # two of one image, three of another; the third has one
    assert result.shared == Shared(10, 0 if joined else 10, 10)
    assert result.scores.to_json() == alone.scores.to_json()


def test_a_gallery_of_nothing_but_the_query_is_refused(twice: tuple[Path, Path]) -> None:
    query = open_source(twice[0]).subset([0])
    with pytest.raises(SourceError, match="nothing to find but copies of one image"):
        evaluate_model(open_model("small"), query, query)


def test_probabilities_are_judged_where_labels_and_a_calibration_are(labelled: Path, tmp_path: Path, picture: Picture) -> None:
    encoder = open_model("small")
    calibration = encoder.card.calibration
    assert calibration is not None
    result = evaluate_model(encoder, open_source(labelled))
    found = result.queries.descriptors
    rows = []
    for query in range(5):
        others = np.delete(np.arange(5), query)
        background = Background.of(found[query][None], found[others])
        for other in others:
            alike = result.queries.labels[query] == result.queries.labels[other]
            rows.append((float(calibration.probability(found[query] @ found[other], background)[0]), alike))
    chances, same = (np.array(column) for column in zip(*rows, strict=True))
    assert result.calibration_error == pytest.approx(expected_calibration_error(chances, same), abs=1e-4)
    assert sum(count for _, _, count in result.reliability) == 20
    assert result.to_json()["reliability"] == [list(row) for row in result.reliability]
    picture(tmp_path / "plain" / "x.png", 9)
    picture(tmp_path / "plain" / "y.png", 8)
    unlabelled = evaluate_model(encoder, open_source(tmp_path / "plain"), open_source(labelled))
    assert (unlabelled.calibration_error, unlabelled.reliability) == (None, [])
