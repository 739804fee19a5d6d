"""`podoba evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.images.sources.open import open_source

Command = Callable[..., Any]
KEYS = {
    "model", "queries", "gallery", "dim", "knn_score", "recall@1", "recall@10", "precision@10", "r_precision", "map@r",
    "map", "mrr", "intervals", "most_confused",
}  # fmt: skip


def test_scores_as_json(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test", "--gallery", pictures / "train", "--json")
    assert done.code == 0
    assert set(done.json) >= KEYS
    assert (done.json["queries"], done.json["gallery"], done.json["dim"]) == (9, 36, 8)
    low, high = done.json["intervals"]["recall@1"]
    assert low <= done.json["recall@1"] <= high


def test_without_a_gallery_each_image_searches_the_others(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test")
    assert done.code == 0
    assert "knn_score" in done.out
    assert "95% interval" in done.out


def test_without_labels_scores_are_null(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test" / "red", "--json")
    assert done.json["knn_score"] is None
    assert done.json["most_confused"] == []
    assert "label" in command("evaluate", trained, pictures / "test" / "red").err


def test_figures_of_chosen_queries(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # UMAP compiles itself for many seconds; the README's commands, which are tested too, draw the real map.
    monkeypatch.setattr("podoba.report.figures.evaluation.umap_figure", lambda descriptors, labels, path: path.touch())
    ids = [record.id for record in open_source(pictures / "test").records[:2]]
    figures = tmp_path / "figures"
    done = command("evaluate", trained, pictures / "test", "--figures", figures, "--queries", ",".join(ids))
    assert done.code == 0
    assert {path.name for path in figures.iterdir()} == {"confusion.png", "results.png", "umap.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--figures", "figures", "--queries", "cat"), "no image of id 'cat'"),
        (("--gallery", "nothing"), "nothing"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = command("evaluate", trained, pictures / "test", *arguments)
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert done.err.startswith("error: ")


def test_too_few_images(command: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "bad.png").write_text("nothing")
    done = command("evaluate", trained, tmp_path / "few")
    assert done.code == 1
    assert done.err.startswith("skipped: ")
    assert "error: " in done.err
    assert "too few" in done.err
