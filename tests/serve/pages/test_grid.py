"""The grid of pictures: few cells in the page whatever is shown, by keys alone, and complete soon after a fling."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from PIL import Image

COUNT = 100_000
CELL = "[role=gridcell]"
FOCUSED = "document.activeElement.dataset.index"
IN_VIEW = """() => [...document.querySelectorAll('[role=gridcell]')].filter((cell) => {
  const { top, bottom } = cell.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
})"""
COMPLETE = f"({IN_VIEW})().length > 10 && ({IN_VIEW})().every((cell) => cell.classList.contains('is-loaded'))"


class Stand:
    """The API of a collection of 100,000 pictures, as far as a grid asks it; the rest is the server's.

    Attributes:
        asked: the numbers whose thumbnails were asked for.
    """

    def __init__(self, page: Any) -> None:
        self.asked: list[int] = []
        aspects = np.random.default_rng(1).choice(
            [667, 1000, 1333, 1500, 1778, 200, 5000], COUNT, p=[0.2, 0.1, 0.3, 0.3, 0.06, 0.02, 0.02]
        )
        numbers = np.arange(1, COUNT + 1, dtype="<u4")
        self._layout = np.array([COUNT], "<u4").tobytes() + numbers.tobytes() + aspects.astype("<u2").tobytes()
        file = io.BytesIO()
        Image.new("RGB", (192, 128), (90, 120, 60)).save(file, "JPEG")
        self._jpeg = file.getvalue()
        page.route("**/layout?*", lambda route: route.fulfill(body=self._layout, content_type="application/octet-stream"))
        page.route("**/items?numbers=*", self._items)
        page.route("**/numbers/*/thumbnail*", self._thumbnail)

    def _items(self, route: Any) -> None:
        numbers = parse_qs(urlparse(route.request.url).query)["numbers"][0].split(",")
        items = [
            {"id": f"id{one}", "number": int(one), "name": f"picture-{one}.jpg", "label": None, "width": 3, "height": 2}
            for one in numbers
        ]
        route.fulfill(body=json.dumps({"items": items}), content_type="application/json")

    def _thumbnail(self, route: Any) -> None:
        found = re.search(r"numbers/(\d+)/", route.request.url)
        assert found is not None
        self.asked.append(int(found[1]))
        route.fulfill(body=self._jpeg, content_type="image/jpeg")


@pytest.fixture
def crowd(visit: Any, gallery: Any) -> Callable[..., tuple[Any, Stand]]:
    """Opens the page that browses 100,000 pictures."""

    def open_page(query: str = "", **options: Any) -> tuple[Any, Stand]:
        page = visit("/", at=gallery, **options)
        page.locator("h1").wait_for()
        stand = Stand(page)
        page.goto(f"{gallery.address}/c/scenes/browse{query}")
        page.locator(CELL).first.wait_for()
        return page, stand

    return open_page


def cells(page: Any) -> int:
    return int(page.evaluate("document.querySelectorAll('[role=gridcell]').length"))


@pytest.mark.parametrize("size", [(360, 740), (1280, 800), (2560, 1440)], ids=["phone", "desk", "wide"])
def test_at_most_150_of_100_000_cells_are_in_the_page(crowd: Any, size: tuple[int, int]) -> None:
    page, _ = crowd(width=size[0], height=size[1])
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height > 100 * size[1]
    for share in (0, 0.001, 0.2, 0.21, 0.5, 0.999, 1, 0.3):
        page.evaluate("(top) => scrollTo({ top, behavior: 'instant' })", share * height)
        page.wait_for_timeout(60)
        assert 8 < cells(page) <= 150
    box = page.evaluate(f"({IN_VIEW})().map((cell) => cell.getBoundingClientRect()).map(({{ left, right }}) => [left, right])")
    assert min(left for left, _ in box) >= 0
    assert max(right for _, right in box) <= size[0]


def test_the_grid_is_complete_soon_after_a_fling_and_gives_up_what_has_left(crowd: Any, until: Any) -> None:
    page, stand = crowd()
    until(page, COMPLETE)
    page.mouse.move(700, 500)
    before = len(stand.asked)
    for _ in range(40):
        page.mouse.wheel(0, 9000)
        page.wait_for_timeout(16)
    begun = time.monotonic()
    until(page, COMPLETE)
    assert time.monotonic() - begun <= 2
    passed = page.evaluate(f"Number(({IN_VIEW})()[0].dataset.index)")
    assert passed > 5000
    assert len(stand.asked) - before < 600  # thousands were passed, and most were never asked for


def test_pictures_asked_for_last_come_first(crowd: Any, until: Any) -> None:
    page, stand = crowd()
    until(page, COMPLETE)
    stand.asked.clear()
    page.evaluate("scrollTo({ top: 900000, behavior: 'instant' })")
    until(page, COMPLETE)
    numbers = [number for number in stand.asked if number > 1000]
    assert numbers[0] > np.median(numbers)  # the last that was put into the page, not the first


def test_keys_alone_lead_everywhere(crowd: Any) -> None:
    page, _ = crowd()
    page.locator(CELL).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "2"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(FOCUSED) == "1"
    page.keyboard.press("ArrowDown")
    below = int(page.evaluate(FOCUSED))
    assert below > 3
    assert page.evaluate("document.activeElement.parentElement.ariaRowIndex") == "2"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.parentElement.ariaRowIndex") == "1"
    page.keyboard.press("PageDown")
    far = int(page.evaluate(FOCUSED))
    assert far > below
    page.keyboard.press("PageUp")
    assert int(page.evaluate(FOCUSED)) < far
    page.keyboard.press("End")
    assert page.evaluate(FOCUSED) == str(COUNT - 1)
    assert page.evaluate("document.activeElement.getBoundingClientRect().bottom <= innerHeight")
    page.keyboard.press("Home")
    assert page.evaluate(FOCUSED) == "0"


def test_the_focus_survives_that_its_cell_leaves_the_view(crowd: Any) -> None:
    page, _ = crowd()
    page.locator(CELL).nth(4).focus()
    name = page.evaluate("document.activeElement.ariaLabel")
    page.mouse.move(700, 500)
    for _ in range(6):
        page.mouse.wheel(0, 8000)
        page.wait_for_timeout(40)
    assert page.evaluate(FOCUSED) == "4"
    assert page.evaluate("document.activeElement.ariaLabel") == name
    assert cells(page) <= 150
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == "5"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") < 800


def test_it_returns_to_its_place(crowd: Any, gallery: Any, until: Any) -> None:
    page, _ = crowd("?at=54321")
    until(page, f"({IN_VIEW})().some((cell) => cell.dataset.index === '54321')")
    page.mouse.move(700, 500)
    page.mouse.wheel(0, 50_000)
    until(page, "!location.search.includes('54321')")
    at = int(parse_qs(urlparse(page.url).query)["at"][0])
    assert at > 54_321
    page.reload()
    until(page, f"({IN_VIEW})().some((cell) => cell.dataset.index === '{at}')")


def test_cells_are_named_when_they_are_in_view(crowd: Any, assert_accessible: Any) -> None:
    page, _ = crowd("?at=5000")
    page.get_by_role("gridcell", name="picture-5001.jpg").wait_for()
    assert int(page.locator("[role=grid]").get_attribute("aria-rowcount")) > 1000
    assert_accessible(page)


def test_a_picture_that_cannot_be_shown_leaves_a_sign(visit: Any, gallery: Any, until: Any) -> None:
    page = visit("/", at=gallery, expected=("Failed to load",))
    page.locator("h1").wait_for()
    page.route("**/thumbnail?side*", lambda route: route.fulfill(status=422, body="{}"))
    page.goto(f"{gallery.address}/c/scenes/browse")
    page.locator(CELL).first.wait_for()
    until(page, "document.querySelectorAll('[role=gridcell]:not(.is-broken)').length === 0")


def test_a_busy_server_is_asked_again(visit: Any, gallery: Any, until: Any) -> None:
    page = visit("/", at=gallery, expected=("503",))
    page.locator("h1").wait_for()
    refused: set[str] = set()

    def answer(route: Any) -> None:
        if route.request.url in refused:
            route.continue_()
        else:
            refused.add(route.request.url)
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}")

    page.route("**/thumbnail?side*", answer)
    page.goto(f"{gallery.address}/c/scenes/browse")
    until(page, COMPLETE)
    assert refused
