"""The page of models."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.models.card_file import read_card
from podoba.models.names import find_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_every_model_is_a_card(visit: Any, gallery: Any, assert_accessible: Any, language: str, theme: str, width: int) -> None:
    page = visit("/models", at=gallery, language=language, theme=theme, width=width)
    cards = page.locator(".model")
    cards.nth(1).wait_for()
    assert sorted(cards.locator("h2").all_inner_texts()) == ["photo", "small"]
    small = cards.filter(has=page.locator("h2", has_text="small"))
    said = small.inner_text()
    for fact in (
        ["256 numbers", "80 × 80 pixels", "93,100 images", "190 classes"] if language == "en" else ["256 чисел", "80 × 80"]
    ):
        assert fact in said
    assert small.locator("a").all_inner_texts() == ["scenes", "shapes"]
    assert small.locator(".metrics li").count() == 5
    assert_accessible(page)


def test_the_curve_is_read_by_pointer_and_keys(visit: Any, gallery: Any) -> None:
    page = visit("/models", at=gallery)
    card = page.locator(".model").first
    chart = card.locator("svg.chart")
    chart.wait_for()
    readout = card.locator(".readout")

    def read() -> tuple[float, int]:
        similarity, chance = re.search(r"of ([\d.]+) stands .* of (\d+)%", readout.inner_text()).groups()  # type: ignore[union-attr]
        return float(similarity), int(chance)

    assert 48 <= read()[1] <= 52  # it begins in the middle
    chart.focus()
    page.keyboard.press("Home")
    assert read()[0] == 0
    page.keyboard.press("End")
    similarity, chance = read()
    assert similarity == 1
    assert chance >= 98
    page.keyboard.press("ArrowLeft")
    assert read()[0] == pytest.approx(0.99)
    chart.hover(position={"x": 70, "y": 60})
    assert read()[0] < 0.1


def test_the_speed_is_measured_when_it_is_asked_for(visit: Any, gallery: Any) -> None:
    page = visit("/models", at=gallery)
    page.locator(".model").nth(1).wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    speed = page.locator(".speed").first
    speed.locator("button").click()
    speed.get_by_text("a second").wait_for()
    assert re.search(r"[\d.]+ ms to describe one picture", speed.inner_text())
    assert [url for url in asked if url.endswith("/models/speed")] == asked
    assert speed.locator("button").is_enabled()


def test_a_model_that_is_not_calibrated_or_no_longer_there_says_so(
    visit: Any, serve: Any, shapes_collection: Path, tmp_path: Path
) -> None:
    place = Path(shutil.copy(shapes_collection, tmp_path / "own.podoba"))
    card = read_card(find_model("small")).model_copy(update={"name": "<b>own</b>", "calibration": None, "metrics": {}})
    with Collection.open(place) as opened, opened.store.database.transaction():
        for key, value in (("card", card.to_json()), ("model", "/nowhere/own.onnx"), ("path", "/nowhere/own.onnx")):
            opened.store.database.execute("UPDATE facts SET value = ? WHERE key = ?", [value, key])
    with serve([place]) as site:
        page = visit("/models", at=site)
        own = page.locator(".model").first
        own.wait_for()
        assert own.locator("h2").inner_text() == "<b>own</b>"
        assert "never calibrated" in own.inner_text()
        assert "no longer on this computer" in own.inner_text()
        assert own.locator(".speed button").is_disabled()
        assert "nowhere" not in page.content()


def test_paths_are_shown_where_the_server_shows_them(visit: Any, serve: Any, shapes_collection: Path) -> None:
    with serve([shapes_collection], show_paths=True) as site:
        page = visit("/models", at=site)
        page.locator(".model").first.wait_for()
        assert str(find_model("small")) in page.locator(".model").first.inner_text()
