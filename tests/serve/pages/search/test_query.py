"""The parts of a query, a box on one of them, the threshold and the filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
CELL = "[role=gridcell]"
FIELDS = "[...document.querySelectorAll('.crop-fields input')].map((field) => Number(field.value))"


def test_parts_are_turned_weighed_removed_and_undone_by_back(search: Open, ids: dict[str, str], until: Any, idle: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']} | id:{ids['hills-1']}")
    page.get_by_role("button", name="hills-1.jpg is wanted").click()
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}'")
    idle(page)
    weight = page.get_by_label("Weight of hills-1.jpg")
    assert weight.input_value() == "0.25"
    weight.fill("0.5")
    weight.press("Enter")
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}@.5'")
    idle(page)
    page.get_by_role("button", name="Remove hills-1.jpg").click()
    until(page, "!new URLSearchParams(location.search).has('not')")
    assert page.evaluate("document.activeElement.closest('.part') !== null")  # the focus is not lost
    page.go_back()
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}@.5'")
    idle(page)
    assert page.locator(".part.is-unwanted").count() == 1
    page.go_forward()
    until(page, "document.querySelectorAll('.part.is-unwanted').length === 0")
    assert page.get_by_role("button", name="sea-1.jpg is wanted").is_disabled()  # something must be wanted
    page.get_by_role("button", name="Remove sea-1.jpg").click()
    until(page, "document.querySelector('.start').checkVisibility()")


def test_a_box_is_drawn_moved_by_keys_and_written_by_keyboard_alone(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any, idle: Any, names: Any, parameter: Any
) -> None:
    page = search(f"?q=id:{ids['night-0']}")
    whole = names(page)
    page.get_by_role("button", name="Choose a part of night-0.jpg").focus()
    page.keyboard.press("Enter")
    frame = page.locator(".crop-frame")
    frame.wait_for()
    assert_accessible(page)
    assert page.evaluate("document.activeElement.className") == "crop-frame"

    def box() -> list[int]:
        values: list[int] = page.evaluate(FIELDS)
        return values

    x, y, w, h = box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    moved = box()
    assert moved[0] > x
    assert moved[1] > y
    assert moved[2] < w
    assert moved[3] > h
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    assert box() == [12, *moved[1:]]
    page.get_by_role("button", name="Search by this part").focus()
    page.keyboard.press("Enter")
    until(page, "new URLSearchParams(location.search).has('box')")
    idle(page)
    assert parameter(page, "box") == f"0:12,{moved[1]},{moved[2]},{moved[3]}"
    part = names(page)
    assert part != whole
    page.reload()
    idle(page)
    assert names(page) == part
    assert page.locator(".part-outline").count() == 1


def test_a_box_is_drawn_with_the_pointer(search: Open, ids: dict[str, str], until: Any, idle: Any) -> None:
    page = search(f"?q=id:{ids['night-0']}")
    page.get_by_role("button", name="Choose a part of night-0.jpg").click()
    stage = page.locator(".crop-stage").bounding_box()
    page.mouse.move(stage["x"] + 0.1 * stage["width"], stage["y"] + 0.2 * stage["height"])
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.6 * stage["width"], stage["y"] + 0.5 * stage["height"], steps=4)
    page.mouse.up()
    wide, high = page.evaluate("document.querySelector('.crop-shades').getAttribute('viewBox').split(' ').slice(2).map(Number)")
    assert page.evaluate(FIELDS) == pytest.approx([0.1 * wide, 0.2 * high, 0.5 * wide, 0.3 * high], abs=2)
    page.get_by_role("button", name="Search by this part").click()
    until(page, "new URLSearchParams(location.search).has('box')")
    idle(page)
    page.get_by_role("button", name="Choose a part of night-0.jpg").click()
    page.get_by_role("button", name="Whole picture").click()
    until(page, "!new URLSearchParams(location.search).has('box')")


def test_the_threshold_draws_a_line_and_an_empty_answer_is_an_answer(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any, names: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0.1")
    similar = int(re.findall(r"^\d+", page.locator(".probability-says").inner_text())[0])
    beyond = page.evaluate("[...document.querySelectorAll('.is-beyond')].map((cell) => Number(cell.dataset.index))")
    assert min(beyond) == similar
    assert all("below the line" in name for name in names(page)[similar:])
    page.locator("#probability").focus()
    page.keyboard.press("End")
    until(page, "new URLSearchParams(location.search).get('p') === '1'")
    page.get_by_text("Nothing here is similar").wait_for()
    nearest = page.locator(".empty").first.inner_text()
    assert re.search(r"The nearest is \d+%", nearest)
    assert page.locator(f".finder {CELL}").count() == 0
    assert_accessible(page)
    page.get_by_role("button", name="Show anyway").click()
    until(page, "document.querySelectorAll('.finder .is-beyond').length > 10")
    assert page.evaluate("document.activeElement.dataset.index") == "0"
    page.reload()
    page.get_by_text("Nothing here is similar").wait_for()


def test_facets_compose_the_filter_and_chips_take_it_apart(
    search: Open, ids: dict[str, str], until: Any, idle: Any, names: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    page.locator(".chip", has_text="spring").click()
    until(page, "new URLSearchParams(location.search).get('where') === 'season == \"spring\"'")
    idle(page)
    spring = page.locator(".chip", has_text="spring").locator(".chip-count").inner_text()
    assert len(names(page)) in (int(spring), int(spring) - 1)  # the query itself is none of the results
    page.locator(".chip", has_text="winter").click()  # its own choice does not bound the counts of a facet
    until(page, "new URLSearchParams(location.search).get('where') === 'season in [\"spring\", \"winter\"]'")
    idle(page)
    page.get_by_label("File size, bytes: from").fill("30000")
    page.get_by_label("File size, bytes: from").press("Enter")
    until(page, "new URLSearchParams(location.search).get('where')?.endsWith('and size >= 30000')")
    idle(page)
    page.get_by_role("button", name="Remove filter season").click()
    until(page, "new URLSearchParams(location.search).get('where') === 'size >= 30000'")
    page.go_back()
    until(page, "document.querySelectorAll('.term').length === 2")


def test_a_wrong_filter_shows_its_place(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any, idle: Any, names: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0", expected=("422",))
    page.locator(".where summary").click()
    field = page.locator(".where textarea")
    field.fill("label == 'sea' and yeer > 2019")
    field.press("Enter")
    page.locator(".where-marked mark").wait_for()
    assert page.locator(".where-marked mark").inner_text() == "yeer"
    assert field.get_attribute("aria-invalid") == "true"
    assert "year" in page.locator(".where-error").inner_text()  # the nearest name
    assert field.input_value() == "label == 'sea' and yeer > 2019"
    assert_accessible(page)
    field.fill("label == 'sea' and year > 2019")
    page.get_by_role("button", name="Apply").click()
    idle(page)
    until(page, f"document.querySelectorAll('.finder {CELL}').length > 2")
    assert all(name.startswith("sea") for name in names(page))
    field.fill("label == 'nothing'")
    field.press("Enter")
    page.get_by_text("No picture passes the filter").wait_for()
    page.locator(".empty").get_by_role("button", name="Remove all filters").click()
    until(page, f"document.querySelectorAll('.finder {CELL}').length > 10")


@pytest.mark.parametrize(("sort", "key"), [("name", lambda name: name), ("largest", None), ("varied", None)])
def test_results_are_put_into_another_order(
    search: Open, ids: dict[str, str], until: Any, sort: str, key: Any, idle: Any, names: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    before = names(page)
    page.locator(".sort select").select_option(sort)
    until(page, f"new URLSearchParams(location.search).get('sort') === '{sort}'")
    until(page, lambda: names(page) != before)
    if key is not None:
        assert names(page) == sorted(names(page), key=key)
    after = names(page)
    page.reload()
    idle(page)
    assert names(page) == after


@pytest.mark.parametrize("format", ["csv", "json", "html"])
def test_results_are_saved(search: Open, ids: dict[str, str], format: str) -> None:
    page = search(f"?q=id:{ids['sea-1']}")
    page.locator(".export summary").click()
    with page.expect_download() as saving:
        page.locator(f".export-list a[href$='format={format}']").click()
    text = Path(saving.value.path()).read_text(encoding="utf-8")
    assert saving.value.suggested_filename.endswith(f".{format}")
    assert ids["sea-2"] in text or "sea-2" in text
