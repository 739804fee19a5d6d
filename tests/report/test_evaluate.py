"""A model evaluated on labelled images is its descriptors evaluated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.errors import PodobaError, SourceError
from podoba.images.record import Skipped
from podoba.images.sources.open import open_source
from podoba.metrics.evaluation import evaluate
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
    encoder, skipped = open_model("starter"), list[Skipped]()
    progress: list[tuple[str, int, int]] = []
    result = evaluate_model(encoder, open_source(labelled), skipped=skipped, on_progress=lambda *step: progress.append(step))
    assert [Path(row.uri).name for row in skipped] == ["0.png"]
    assert progress == [("encoding images", 5, 6)]
    assert result.queries is result.gallery
    assert result.queries.labels == ["a", "a", "b", "b", "b"]
    assert result.scores.to_json() == evaluate(result.queries.descriptors, result.queries.labels).to_json()
    np.testing.assert_allclose(np.linalg.norm(result.queries.descriptors, axis=1), 1, atol=1e-5)


def test_a_gallery_of_its_own_is_searched(labelled: Path, tmp_path: Path, picture: Picture) -> None:
    picture(tmp_path / "queries" / "a" / "x.png", 9)
    encoder = open_model("starter")
    result = evaluate_model(encoder, open_source(tmp_path / "queries"), open_source(labelled))
    assert (result.scores.queries, result.scores.gallery) == (1, 5)
    expected = encode_source(encoder, open_source(labelled))
    np.testing.assert_array_equal(result.gallery.descriptors, expected.descriptors)


def test_too_few_images_are_refused(labelled: Path, tmp_path: Path, picture: Picture) -> None:
    encoder = open_model("starter")
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
