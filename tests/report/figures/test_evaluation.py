from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.search.results import Hit, SearchResult
from podoba.errors import PodobaError
from podoba.images.record import ImageRecord
from podoba.metrics.evaluation import evaluate
from podoba.report.figures import maps
from podoba.report.figures.evaluation import evaluation_figures, picture_of, search_sheet
from podoba.report.figures.sheet import CELL, GAP
from podoba.report.figures.theme import RIGHT, WRONG


def record(name: str, label: str | None, data: bytes | None = None) -> ImageRecord:
    def read() -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (40, 30), "green").save(out, "PNG")
        return data if data is not None else out.getvalue()

    return ImageRecord(name, name, label, read)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


@pytest.mark.parametrize("labelled", [True, False])
def test_an_evaluation_is_drawn_as_matrix_results_and_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labelled: bool
) -> None:
    monkeypatch.setattr(maps, "umap_points", lambda descriptors, seed: descriptors[:, :2])  # UMAP itself: test_maps.py
    queries, gallery = np.eye(3, 8, dtype=np.float32), np.eye(5, 8, dtype=np.float32)
    labels: list[str | None] = ["a", "b", "b"] if labelled else [None] * 3
    gallery_labels: list[str | None] = ["a", "a", "b", "b", "b"] if labelled else [None] * 5
    records = [record(f"q{i}", label) for i, label in enumerate(labels)]
    pool = [record(f"g{i}", label) for i, label in enumerate(gallery_labels)]
    result = evaluate(queries, labels, gallery, gallery_labels)
    evaluation_figures(result, queries, records, pool, [0, 1], tmp_path / "figures")
    assert (tmp_path / "figures" / "confusion.png").exists() == labelled
    assert (tmp_path / "figures" / "umap.png").exists()
    sheet = Image.open(tmp_path / "figures" / "results.png").convert("RGB")
    nearest_of_first = sheet.getpixel((2 * GAP + CELL + GAP + 1, GAP + 1))
    nearest_of_second = sheet.getpixel((2 * GAP + CELL + GAP + 1, 2 * GAP + CELL + 36 + 1))
    assert (nearest_of_first == rgb(RIGHT)) == labelled
    assert (nearest_of_second == rgb(WRONG)) == labelled


def test_a_search_is_drawn_with_its_hits_also_where_one_cannot_be_read(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path, colour in zip(paths[:3], ("black", "red", "lime"), strict=True):
        Image.new("RGB", (CELL, CELL), colour).save(path)
    hits = [Hit(i, str(i), str(paths[i]), None, 1 - 0.1 * i, 0.5 if i > 1 else None) for i in (1, 2, 3)]  # the last is missing
    search_sheet(SearchResult("words", hits, True, 0.1, [str(paths[0])]), tmp_path / "sheet.png")
    sheet = Image.open(tmp_path / "sheet.png").convert("RGB")
    assert sheet.width == 4 * (CELL + GAP) + 2 * GAP
    middles = [sheet.getpixel((x + CELL // 2, GAP + CELL // 4)) for x in (GAP, *(2 * GAP + i * (CELL + GAP) for i in (1, 2, 3)))]
    assert middles == [(0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 255)]


def test_a_search_without_an_image_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(PodobaError, match="search with an image"):
        search_sheet(SearchResult("words", [], True, 0.1, []), tmp_path / "sheet.png")


def test_a_picture_that_cannot_be_read_is_none() -> None:
    assert picture_of(record("x.png", None, b"broken")) is None
    picture = picture_of(record("x.png", None))
    assert picture is not None
    assert picture.size == (40, 30)
