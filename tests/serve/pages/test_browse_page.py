"""The page that shows a whole collection: filtered, ordered, and from there to a search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from podoba.collection.collection import Collection

Open = Callable[..., Any]
CELL = "[role=gridcell]"
LOADED = "document.querySelectorAll('[role=gridcell].is-loaded').length"
NAMED = "[...document.querySelectorAll('[role=gridcell]')].every((cell) => cell.ariaLabel.includes('.jpg'))"
NAMES = """[...document.querySelectorAll('[role=gridcell]')]
  .sort((a, b) => a.dataset.index - b.dataset.index).map((cell) => cell.ariaLabel)"""


@pytest.fixture
def browse(visit: Any, gallery: Any, until: Any) -> Open:
    """Opens the page of a collection, and waits for pictures and their names."""

    def open_page(query: str = "", *, collection: str = "scenes", **options: Any) -> Any:
        page = visit(f"/c/{collection}/browse{query}", at=gallery, **options)
        until(page, f"{LOADED} > 2 && {NAMED}")
        return page

    return open_page


@pytest.mark.parametrize(
    ("language", "theme"),
    [
        ("en", "light"), ("uk", "dark"),
        *(pytest.param(*other, marks=pytest.mark.thorough) for other in (("en", "dark"), ("uk", "light"))),
    ],
)  # fmt: skip
def test_a_collection_is_shown_in_both_languages_and_themes(
    browse: Open, until: Any, assert_accessible: Any, language: str, theme: str
) -> None:
    page = browse(language=language, theme=theme)
    until(page, "document.querySelectorAll('.facet').length > 3")
    assert page.locator(".count").inner_text() == {"en": "36 pictures", "uk": "36 зображень"}[language]
    assert_accessible(page)


def test_on_a_phone_the_filter_is_opened_by_its_button(browse: Open, until: Any, assert_accessible: Any) -> None:
    page = browse(width=360, height=740, is_mobile=True, has_touch=True)
    assert page.locator(".filters").is_hidden()
    page.locator(".filter-button").tap()
    until(page, "document.querySelectorAll('.facet').length > 3")
    page.locator(".chip", has_text="spring").tap()
    until(page, "document.querySelector('.count').textContent === '12 pictures'")
    assert page.locator(".filter-count").inner_text() == "1"
    assert_accessible(page)


def test_filter_and_order_are_those_of_the_collection_and_survive_a_reload(
    browse: Open, scenes_collection: Path, until: Any
) -> None:
    page = browse(f"?where={quote('label == ' + repr('sea'))}")
    with Collection.open(scenes_collection, read_only=True) as scenes:
        sea = {Path(item.uri).name: item for item in scenes.items("label == 'sea'")}
    assert page.evaluate(NAMES) == list(sea)
    by_size = ",".join(sorted(sea, key=lambda name: -sea[name].size))
    by_year = ",".join(sorted(sea, key=lambda name: -int(sea[name].attributes["year"] or 0)))
    page.locator(".sort select").select_option("-size")
    until(page, f"{NAMED} && {NAMES}.join() === {by_size!r}")
    page.locator(".sort select").select_option("-year")
    until(page, f"{NAMED} && {NAMES}.join() === {by_year!r}")
    shown = page.evaluate(NAMES)
    page.reload()
    until(page, f"{NAMED} && {NAMES}.join() === {','.join(shown)!r}")
    page.go_back()
    until(page, f"{NAMED} && {NAMES}.join() === {by_size!r}")


def test_a_wrong_filter_shows_its_place_and_can_be_taken_away(browse: Open, until: Any) -> None:
    page = browse(expected=("422",))
    page.locator(".where summary").click()
    page.locator(".where textarea").fill("label = 'sea'")
    page.locator(".where textarea").press("Enter")
    page.locator(".where-marked mark").wait_for()
    page.get_by_role("heading", name="The filter is not understood").wait_for()
    page.locator(".empty").get_by_role("button", name="Remove all filters").click()
    until(page, "document.querySelector('.count').textContent === '36 pictures'")
    assert page.locator(".where textarea").input_value() == ""


def test_a_search_begins_with_a_picture_or_with_several(browse: Open, scenes_collection: Path) -> None:
    with Collection.open(scenes_collection, read_only=True) as scenes:
        first, second, *_ = (item.id for item in scenes.items())
    page = browse()
    page.locator(CELL).first.focus()
    page.keyboard.press("s")
    page.wait_for_url(f"**/c/scenes/search?q=id%3A{first}")
    page.go_back()
    page.locator(CELL).first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("button", name="Search by these").click()
    page.wait_for_url(f"**/c/scenes/search?q=id%3A{first}+%7C+id%3A{second}")
    page.locator(".part").nth(1).wait_for()


def test_a_picture_is_opened_and_another_follows(browse: Open, until: Any, assert_accessible: Any) -> None:
    page = browse()
    names = page.evaluate(NAMES)
    page.locator(CELL).nth(2).click()
    heading = page.locator("dialog h2")
    until(page, f"document.querySelector('dialog h2').textContent === '{names[2]}'")
    page.locator("dialog dl").wait_for()
    assert_accessible(page)
    page.keyboard.press("ArrowLeft")
    until(page, f"document.querySelector('dialog h2').textContent === '{names[1]}'")
    assert heading.is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.index") == "1"


def test_a_selection_grows_by_the_pointer_and_is_cleared_by_escape(browse: Open, until: Any) -> None:
    page = browse()
    page.locator(CELL).nth(1).hover()
    page.locator(CELL).nth(1).locator(".cell-tick").click()
    page.locator(CELL).nth(4).click(modifiers=["Shift"])
    until(page, "document.querySelectorAll('[aria-selected=true]').length === 4")
    page.locator(CELL).nth(0).click()  # while pictures are selected a click selects
    assert "5 selected" in page.locator(".selection-bar").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".selection-bar").is_hidden()


def test_two_pictures_are_compared(browse: Open) -> None:
    page = browse(expected=("404",))
    for index in (0, 3):
        page.locator(CELL).nth(index).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/c/scenes/compare?left=*&right=*")


def test_a_collection_without_pictures_leads_to_the_welcome(visit: Any, serve: Any, tmp_path: Path) -> None:
    with serve([tmp_path / "new.podoba"]) as empty:
        page = visit("/c/new/browse", at=empty)
        page.get_by_role("link", name="Choose a folder").wait_for()
