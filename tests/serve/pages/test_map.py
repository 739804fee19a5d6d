"""The page of the map: seen, filtered, enclosed, by pointer and by keys alone."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.serve.routes import maps

pytestmark = pytest.mark.slow
WORDS = {
    "en": ("Enclose a rectangle by two clicks", "Enclosed", "Show all"),
    "uk": ("Обвести прямокутником у два клацання", "Обведено", "Показати все"),
}
LOOK = """() => {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counts = {};
  for (let i = 0; i < data.length; i += 4) {
    const key = [data[i], data[i + 1], data[i + 2]].join();
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}"""


@dataclass
class Map:
    """A map on a page.

    Attributes:
        numbers, places: of the items, as the API gives them.
    """

    page: Any
    numbers: np.ndarray
    places: np.ndarray

    def pixels(self) -> np.ndarray:
        """Where the points are in the window while the whole map is seen, (n, 2)."""
        box = self.page.locator(".map-window").bounding_box()
        scale = 0.92 * min(box["width"], box["height"]) / 65536
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        found: np.ndarray = (self.places - 32768.0) * scale + np.array(middle)
        return found

    def inside(self, left: float, top: float, right: float, bottom: float) -> int:
        """How many points lie in a rectangle of the window."""
        pixels = self.pixels()
        return int(((pixels >= (left, top)) & (pixels <= (right, bottom))).all(axis=1).sum())

    def wait(self) -> None:
        """Until it is drawn."""
        self.page.locator(".map-legend button").first.wait_for()
        self.page.locator(".map-waiting").wait_for(state="hidden")
        self.page.locator(".map-cluster").first.wait_for()


@pytest.fixture
def opened(visit: Any, gallery: Any) -> Callable[..., Map]:
    """Opens the map of `scenes`, 36 pictures in six classes; options as of `visit`."""

    def open_map(query: str = "", **options: Any) -> Map:
        with gallery.client() as client:
            data = client.get("/collections/scenes/map").content
        page = visit(f"/c/scenes/map{query}", at=gallery, **options)
        places = np.frombuffer(data, "<u2", 72, 4 + 4 * 36).reshape(2, 36).T
        made = Map(page, np.frombuffer(data, "<u4", 36, 4), places)
        made.wait()
        return made

    return open_map


def test_points_are_drawn_and_the_one_under_the_pointer_is_shown(opened: Callable[..., Map], until: Any) -> None:
    made = opened()
    colours = made.page.evaluate(LOOK)
    assert sum(1 for count in colours.values() if count > 20) >= 6  # the background and a colour for each of most classes
    x, y = made.pixels()[0]
    made.page.mouse.move(x, y)
    card = made.page.locator(".map-card")
    card.locator("strong").wait_for()
    made.page.mouse.move(made.page.locator(".map-window").bounding_box()["x"] + 3, 200)
    card.wait_for(state="hidden")
    made.page.mouse.click(x, y)
    link = card.get_by_role("link", name="Search by this")
    link.wait_for()
    assert link.get_attribute("href").startswith("/c/scenes/search?q=id%3A")
    until(made.page, "document.querySelector('.map-card img').naturalWidth > 0")
    made.page.keyboard.press("Escape")
    card.wait_for(state="hidden")


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 390)])
def test_a_rectangle_by_two_clicks_opens_its_pictures(
    opened: Callable[..., Map], assert_accessible: Any, language: str, theme: str, width: int
) -> None:
    button, enclosed, _ = WORDS[language]
    made = opened(language=language, theme=theme, width=width, height=800)
    pixels = made.pixels()
    (left, top), (right, bottom) = np.percentile(pixels, 15, axis=0) + 0.37, np.percentile(pixels, 80, axis=0) + 0.37
    expected = made.inside(left, top, right, bottom)
    assert 3 < expected < 33
    made.page.get_by_role("button", name=button).click()
    made.page.mouse.click(left, top)
    made.page.mouse.click(right, bottom)
    heading = made.page.get_by_role("heading", name=enclosed)
    heading.wait_for()
    made.page.locator(".cell.is-loaded").first.wait_for()
    assert str(expected) in heading.inner_text()
    assert_accessible(made.page)
    made.page.reload()
    made.wait()
    assert str(expected) in made.page.get_by_role("heading", name=enclosed).inner_text()
    made.page.keyboard.press("Escape")


def test_a_lasso_encloses_what_was_drawn_around(opened: Callable[..., Map]) -> None:
    made = opened()
    pixels = made.pixels()
    middle = pixels.mean(axis=0)
    angles = np.linspace(0, 2 * np.pi, 40)
    ring = middle + 0.5 * (pixels.max(axis=0) - middle) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    made.page.get_by_role("button", name="Enclose by drawing").click()
    made.page.mouse.move(*ring[0])
    made.page.mouse.down()
    for x, y in ring[1:]:
        made.page.mouse.move(x, y)
    made.page.mouse.up()
    heading = made.page.get_by_role("heading", name="Enclosed")
    heading.wait_for()
    area = np.array(made.page.url.split("area=")[1].split("&")[0].replace("%2C", ",").split(","), dtype=float).reshape(-1, 2)
    assert 30 < len(area) <= 64
    inside = sum(within(area, x, y) for x, y in made.places.tolist())
    assert 0 < inside < 36
    assert f"{inside} pictures" in heading.inner_text()


def within(polygon: np.ndarray, x: float, y: float) -> bool:
    """Whether a point lies in a polygon, by the even-odd rule."""
    first, second = polygon, np.roll(polygon, -1, axis=0)
    crossed = (first[:, 1] > y) != (second[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (second[:, 0] - first[:, 0]) * (y - first[:, 1]) / (second[:, 1] - first[:, 1]) + first[:, 0]
    return bool((crossed & (x < at)).sum() % 2)


def test_the_map_by_keys_alone(opened: Callable[..., Map], until: Any) -> None:
    made = opened()
    page = made.page
    page.locator(".map-window").focus()
    for key in ("ArrowRight", "ArrowLeft", "Equal", "Digit0"):
        page.keyboard.press(key)
    box = page.locator(".map-window").bounding_box()
    middle = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    page.keyboard.press("KeyR")  # a corner in the middle
    page.get_by_text("Now the opposite corner").wait_for()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expected = made.inside(*(middle - 0.45 * np.array([box["width"], box["height"]])), *middle)
    assert 0 < expected < 36
    page.keyboard.press("KeyR")
    heading = page.get_by_role("heading", name="Enclosed")
    heading.wait_for()
    assert f" {expected} picture" in f" {heading.inner_text().removeprefix('Enclosed')}"
    page.keyboard.press("Escape")
    heading.wait_for(state="hidden")
    page.keyboard.press("Digit0")
    page.locator(".map-card strong").wait_for()
    page.keyboard.press("Enter")
    until(page, "document.activeElement?.closest('.map-card') !== null")
    page.keyboard.press("Escape")
    until(page, "document.activeElement === document.querySelector('.map-window')")


@pytest.mark.parametrize(("language", "theme"), [pytest.param("en", "light", marks=pytest.mark.thorough), ("uk", "dark")])
def test_the_legend_is_a_filter(opened: Callable[..., Map], assert_accessible: Any, language: str, theme: str) -> None:
    made = opened(language=language, theme=theme, expected=("willReadFrequently",))
    page = made.page
    before = page.evaluate(LOOK)
    first = page.locator(".map-legend button").first
    first.focus()
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-pressed") == "true"
    assert first.evaluate("node => node === document.activeElement")
    assert "only=1" in page.url
    page.wait_for_timeout(300)
    after = page.evaluate(LOOK)
    assert after != before
    assert sum(1 for count in after.values() if count > 40) < sum(1 for count in before.values() if count > 40)
    assert_accessible(page)
    page.reload()
    made.wait()
    assert page.locator(".map-legend button").first.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name=WORDS[language][2]).click()
    assert "only" not in page.url
    page.locator("#map-by").select_option("year")
    page.get_by_role("button", name="2021").wait_for()
    assert "by=year" in page.url


def test_a_group_shows_its_pictures_and_can_be_saved(opened: Callable[..., Map], tmp_path: Path, until: Any) -> None:
    made = opened()
    page = made.page
    group = page.locator(".map-cluster").first
    size = int(group.locator(".muted").first.inner_text().split()[0])
    group.click()
    page.get_by_role("heading", name="Group 1").wait_for()
    assert group.get_attribute("aria-pressed") == "true"
    assert "group=1" in page.url
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export CSV").click()
    saved.value.save_as(tmp_path / "group.csv")
    rows = list(csv.DictReader((tmp_path / "group.csv").open(encoding="utf-8")))
    assert len(rows) == size
    search = page.get_by_role("link", name="Search by these")
    ids = [
        part.strip().removeprefix("id:")
        for part in search.evaluate("node => new URL(node.href).searchParams.get('q')").split("|")
    ]
    assert set(ids) <= {row["id"] for row in rows}
    assert len(ids) == min(6, size)
    group.click()
    page.get_by_role("heading", name="Group 1").wait_for(state="hidden")


def test_the_wheel_and_a_drag_move_the_view_which_the_address_keeps(opened: Callable[..., Map], until: Any) -> None:
    made = opened()
    page = made.page
    box = page.locator(".map-window").bounding_box()
    x, y = box["x"] + 200, box["y"] + 200
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    until(page, "location.search.includes('at=')")
    zoomed = page.url
    page.mouse.down()
    page.mouse.move(x + 60, y + 40)
    page.mouse.move(x + 120, y + 80)
    page.mouse.up()
    until(page, f"location.href !== {zoomed!r}")
    moved = page.url
    page.reload()
    made.wait()
    page.wait_for_timeout(400)
    assert page.url == moved
    page.get_by_role("button", name="The whole map").click()
    until(page, "!location.search.includes('at=')")


def test_a_tap_shows_a_picture(opened: Callable[..., Map]) -> None:
    made = opened(width=390, height=800, has_touch=True)
    made.page.touchscreen.tap(*made.pixels()[4])
    made.page.locator(".map-card.kept strong").wait_for()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Make the map by neighbours"), pytest.param("uk", "Створити мапу за сусідством", marks=pytest.mark.thorough)],
)
def test_the_map_by_neighbours_is_made_and_followed(
    visit: Any, serve: Any, scenes_collection: Path, assert_accessible: Any, tmp_path: Path, language: str, words: str
) -> None:
    place = Path(shutil.copy(scenes_collection, tmp_path / "mine.podoba"))
    with serve([place]) as site:
        page = visit("/c/mine/map", at=site, language=language)
        page.get_by_role("button", name=words).click()
        page.locator(".job-progress progress").wait_for()
        assert_accessible(page)
        page.get_by_text("UMAP").wait_for(timeout=300_000)
        page.locator(".map-waiting").wait_for(state="hidden")
        assert "layout=umap" in page.url
        assert page.locator(".map-switch button").nth(1).get_attribute("aria-pressed") == "true"
        with Collection.open(place) as opened:
            opened.remove([opened.items()[0].id])
        page.reload()
        page.locator(".map-cluster").first.wait_for()
        page.locator(".map-switch button").first.click()
        page.get_by_text("PCA").wait_for()
        assert "layout=pca" in page.url
        page.close()


def test_without_the_extra_the_page_says_what_is_missing(
    visit: Any, gallery: Any, assert_accessible: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "find_spec", lambda name: None)
    page = visit("/c/scenes/map", at=gallery)
    page.get_by_text("pip install 'podoba[map]'").wait_for()
    assert page.get_by_role("button", name="Make the map by neighbours").count() == 0
    assert_accessible(page)


def test_an_empty_collection_leads_to_its_first_pictures(visit: Any, serve: Any, assert_accessible: Any, tmp_path: Path) -> None:
    Collection.open(tmp_path / "new.podoba", create=True).close()
    with serve([tmp_path / "new.podoba"]) as site:
        page = visit("/c/new/map", at=site)
        assert page.get_by_role("link", name="Add pictures").get_attribute("href") == "/welcome?collection=new"
        assert_accessible(page)
