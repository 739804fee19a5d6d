"""Two pictures compared in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection

from ..conftest import Site
from ..review.conftest import draw_photograph

SURFACES = [("en", "light"), ("uk", "dark")]
STAGE = ".viewer-stage"


def draw(folder: Path) -> None:
    """A picture, the same a little lighter in one corner, a wide one, and one whose file will be gone."""
    folder.mkdir()
    picture = draw_photograph(0)
    picture.save(folder / "plain.png")
    pixels = np.asarray(picture).astype(np.int16)
    pixels[:18, :24] += 20 - 40 * (pixels[:18, :24] > 200)  # a hundredth of it, by 20 levels
    lighter = Image.fromarray(pixels.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0110] = "<b>Camera</b>"
    lighter.save(folder / "lighter.png", exif=exif)
    draw_photograph(1, (360, 120)).save(folder / "wide.jpg")
    draw_photograph(2).save(folder / "gone.png")
    picture.save(folder / "old.tif")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, serve: Any) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("compared")
    draw(folder / "pictures")
    with Collection.open(folder / "pictures.podoba", create=True) as opened:
        opened.update([folder / "pictures"], "small")
    (folder / "pictures" / "gone.png").unlink()
    with serve([folder / "pictures.podoba"]) as site:
        yield site


@pytest.fixture(scope="module")
def ids(compared: Site) -> dict[str, str]:
    with compared.client() as client:
        return {Path(item["name"]).stem: item["id"] for item in client.get("/collections/pictures/items").json()["items"]}


@pytest.fixture
def compare(visit: Any, compared: Site, ids: dict[str, str]) -> Callable[..., Any]:
    """Opens the page of two pictures by the stems of their names, and waits for both."""

    def open_page(left: str, right: str, more: str = "", **options: Any) -> Any:
        page = visit(f"/c/pictures/compare?left={ids[left]}&right={ids[right]}{more}", at=compared, **options)
        page.locator(".viewer-attributes").wait_for()
        return page

    return open_page


def loaded(page: Any) -> None:
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.viewer-picture img')]; "
        "return all.length === 2 && all.every((one) => one.complete && one.naturalWidth); }"
    )


def boxes(page: Any) -> list[list[float]]:
    """Left, top, width and height of both pictures in their panes."""
    found: list[list[float]] = page.evaluate(
        "() => [...document.querySelectorAll('.viewer-picture')].map((one) => "
        "['left', 'top', 'width', 'height'].map((side) => parseFloat(one.style[side])))"
    )
    return found


def param(page: Any, name: str) -> str | None:
    value: str | None = page.evaluate("(name) => new URLSearchParams(location.search).get(name)", name)
    return value


@pytest.mark.parametrize(("language", "theme"), SURFACES)
def test_every_mode_by_keys_and_what_differs(
    compare: Any, language: str, theme: str, assert_accessible: Callable[[Any], None]
) -> None:
    page = compare("plain", "lighter", language=language, theme=theme)
    loaded(page)
    assert page.evaluate("document.activeElement.className") == "viewer-stage"
    assert_accessible(page)
    page.keyboard.press("2")
    assert page.locator(f"{STAGE} input").is_visible()
    assert_accessible(page)
    page.keyboard.press("3")
    page.locator(f"{STAGE} canvas").wait_for()
    facts = page.locator(".viewer-facts").inner_text()
    decimal = "," if language == "uk" else "."
    assert "20" in facts
    assert f"1{decimal}0%" in facts or "1%" in facts
    assert param(page, "mode") == "difference"
    assert_accessible(page)
    page.reload()
    page.locator(f"{STAGE} canvas").wait_for()
    page.locator(STAGE).focus()
    page.keyboard.press("1")
    assert param(page, "mode") is None


def test_the_same_pixels_are_called_so(compare: Any) -> None:
    page = compare("plain", "plain", "&mode=difference")
    page.get_by_text("Every pixel is the same.").wait_for()
    assert page.get_by_text("Nothing that is known of them differs.").is_visible()


def test_the_slider_is_moved_by_keys_and_covers_the_right_picture(compare: Any) -> None:
    page = compare("plain", "lighter", "&mode=slider")
    loaded(page)
    slider = page.locator(f"{STAGE} input")
    slider.focus()
    before = int(slider.input_value())
    page.keyboard.press("ArrowRight")
    assert int(slider.input_value()) == before + 1
    assert f"{before + 1}%" in page.evaluate("() => document.querySelectorAll('.viewer-pane')[1].style.clipPath")


def test_both_pictures_are_zoomed_and_moved_together_whatever_their_sizes(compare: Any) -> None:
    page = compare("plain", "wide")
    loaded(page)
    whole = boxes(page)
    for _ in range(4):
        page.keyboard.press("=")
    page.keyboard.press("ArrowRight")
    moved = boxes(page)
    for before, after in zip(whole, moved, strict=True):
        assert after[2] / before[2] == pytest.approx(1.5**4, rel=1e-6)
    pane = page.locator(".viewer-pane").first.bounding_box()["width"]
    middles = [(pane / 2 - left) / width for left, _, width, _ in moved]
    assert middles[0] > 0.5
    assert middles[0] == pytest.approx(middles[1], abs=0.01), "the same part of both is in the middle"
    page.keyboard.press("0")
    assert boxes(page) == whole


def test_the_wheel_zooms_where_the_pointer_is_and_a_drag_moves(compare: Any) -> None:
    page = compare("plain", "lighter")
    loaded(page)
    box = page.locator(STAGE).bounding_box()
    at = (box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.4)
    page.mouse.move(*at)

    def below() -> list[float]:
        """The point of the left picture that is below the pointer."""
        found: list[float] = page.evaluate(
            "([x, y]) => { const box = document.querySelector('.viewer-picture').getBoundingClientRect(); "
            "return [(x - box.left) / box.width, (y - box.top) / box.height]; }",
            list(at),
        )
        return found

    before = below()
    page.mouse.wheel(0, -900)
    page.wait_for_function("() => document.querySelector('.viewer-stage').classList.contains('zoomed')")
    assert below() == pytest.approx(before, abs=0.01)
    page.mouse.down()
    page.mouse.move(at[0] + 40, at[1] + 30)
    page.mouse.up()
    assert below()[0] < before[0]


def test_two_fingers_zoom(compare: Any) -> None:
    page = compare("plain", "lighter", width=360, height=700, has_touch=True)
    loaded(page)
    page.evaluate(
        """() => {
          const stage = document.querySelector(".viewer-stage");
          stage.setPointerCapture = () => {};
          const box = stage.getBoundingClientRect();
          const send = (type, pointerId, x) => stage.dispatchEvent(new PointerEvent(type, {
            pointerId, clientX: box.left + x, clientY: box.top + 50, bubbles: true, pointerType: "touch" }));
          send("pointerdown", 1, 60);
          send("pointerdown", 2, 100);
          send("pointermove", 2, 140);
          for (const finger of [1, 2]) send("pointerup", finger, 100);
        }"""
    )
    assert page.locator(".viewer-tools output").inner_text() == "2×"


def test_only_what_differs_is_shown_absence_too_and_all_on_demand(compare: Any) -> None:
    page = compare("plain", "lighter")
    rows = page.locator(".viewer-attributes tbody tr")
    shown = rows.all_inner_texts()
    assert any("camera" in row and "not there" in row and "<b>Camera</b>" in row for row in shown)
    assert not any(row.startswith("Format") for row in shown)
    page.keyboard.press("a")
    assert len(rows.all_inner_texts()) > len(shown)
    assert any(row.startswith("Format") for row in rows.all_inner_texts())


def test_left_and_right_are_exchanged_also_in_the_address(compare: Any, ids: dict[str, str]) -> None:
    page = compare("plain", "lighter")
    page.keyboard.press("s")
    assert (param(page, "left"), param(page, "right")) == (ids["lighter"], ids["plain"])
    assert page.locator(".viewer-captions p").first.inner_text().endswith("lighter.png")


@pytest.mark.parametrize("mode", ["side", "difference"])
def test_a_picture_whose_file_is_gone_is_said_to_be(compare: Any, mode: str, assert_accessible: Callable[[Any], None]) -> None:
    page = compare("plain", "gone", f"&mode={mode}", expected=("Failed to load resource",))
    if mode == "side":
        page.get_by_text("The file is not there").wait_for()
    else:
        page.get_by_text("cannot be shown").wait_for()
    assert_accessible(page)
    assert "gone.png" in page.locator(".viewer-attributes").inner_text()


def test_what_a_browser_does_not_show_is_compared_by_its_preview(compare: Any) -> None:
    page = compare("plain", "old", "&mode=difference", expected=("Failed to load resource",))
    page.get_by_text("A preview was compared").wait_for()


def test_results_of_a_search_are_marked_and_the_next_is_shown(compare: Any, compared: Site, ids: dict[str, str]) -> None:
    page = compare("plain", "lighter", f"&query=id:{ids['plain']}", expected=("Failed to load resource",))
    right = page.get_by_role("button", name="Right", exact=True)
    page.wait_for_function("() => document.querySelector('.verdicts [aria-pressed]')")
    page.keyboard.press("r")
    page.wait_for_function("() => document.querySelector('.verdicts button').getAttribute('aria-pressed') === 'true'")
    with compared.client() as client:
        marks = client.get("/collections/pictures/marks").json()["marks"]
    assert [(mark["id"], mark["right"]) for mark in marks] == [(ids["lighter"], True)]
    page.keyboard.press("w")
    page.wait_for_function("() => document.querySelectorAll('.verdicts button')[1].getAttribute('aria-pressed') === 'true'")
    page.keyboard.press("w")
    page.wait_for_function("() => document.querySelectorAll('.verdicts button')[1].getAttribute('aria-pressed') === 'false'")
    assert right.get_attribute("aria-pressed") == "false"
    page.keyboard.press("n")
    page.wait_for_function("(id) => new URLSearchParams(location.search).get('right') !== id", arg=ids["lighter"])
    page.go_back()
    page.wait_for_function("(id) => new URLSearchParams(location.search).get('right') === id", arg=ids["lighter"])


def test_without_two_pictures_or_with_an_unknown_one_the_page_says_so(visit: Any, compared: Site, ids: dict[str, str]) -> None:
    visit("/c/pictures/compare", at=compared).get_by_text("Choose two pictures").wait_for()
    page = visit(f"/c/pictures/compare?left={ids['plain']}&right=none", at=compared, expected=("404",))
    page.get_by_text("no longer in the collection").wait_for()


@pytest.mark.parametrize("width", [360, 1920])
def test_nothing_reaches_beyond_the_window(
    compare: Any, ids: dict[str, str], width: int, assert_accessible: Callable[[Any], None]
) -> None:
    page = compare("wide", "plain", f"&query=id:{ids['wide']}", width=width, language="uk", theme="dark")
    loaded(page)
    assert_accessible(page)


def test_differences_are_counted_exactly(visit: Any) -> None:
    page = visit("/")
    found = page.evaluate(
        """async () => {
          const { differenceOf, fullFactor } = await import("/static/components/viewer/difference.js");
          const first = new Uint8ClampedArray([0, 0, 0, 255, 10, 10, 10, 255, 100, 0, 0, 255, 255, 255, 255, 0]);
          const second = new Uint8ClampedArray([0, 0, 0, 255, 10, 10, 13, 255, 151, 9, 0, 255, 255, 255, 255, 255]);
          const found = differenceOf(first, second, 2, 2);
          const same = differenceOf(first, first, 2, 2);
          const facts = [found.largest, found.any, found.visible, [...found.levels], fullFactor(found)];
          return [...facts, same.largest, same.any, fullFactor(same)];
        }"""
    )
    assert found == [51, 0.5, 0.25, [0, 3, 51, 0], 5, 0, 0, 1]
