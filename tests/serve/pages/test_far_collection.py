"""A collection in no file on the page: what it can do is there, and nothing that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TABS = "[...document.querySelectorAll('.sections a')].filter((one) => !one.hidden).map((one) => one.textContent.trim())"
CELL = "[role=gridcell]"
ANSWERED = "!document.querySelector('[aria-busy]') && document.querySelector('.search-page > .finder [role=gridcell]') !== null"


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_it_is_searched_opened_and_marked(
    far: Any, visit: Any, until: Any, assert_accessible: Callable[..., None], theme: str
) -> None:
    page = visit("/", at=far.site, theme=theme)
    page.get_by_role("link", name="far").click()
    page.locator(f".start {CELL}").nth(10).wait_for()
    until(page, f"{TABS}.length === 1")
    assert page.evaluate(TABS) == ["Search"]
    page.locator(f".start {CELL}").first.click()
    until(page, ANSWERED)
    page.goto(f"{page.url}&p=0")  # else what is probably another kind waits behind a button
    until(page, ANSWERED)
    assert page.locator(".facets").count() == 0
    assert_accessible(page)
    page.locator(f".finder {CELL}").nth(1).focus()
    page.keyboard.press("w")
    until(page, "document.querySelector('.query-note').innerText.includes('1 mark')")
    page.keyboard.press("r")
    until(page, "document.querySelector('.query-note').innerText.includes('2 marks')")
    marks = far.vectors.store.marks.select()
    assert sorted(mark.right for mark in marks) == [False, True]
    page.locator(f".finder {CELL}").first.click()
    page.locator(".details-facts dl").wait_for()
    assert "season" in page.locator(".details-facts").inner_text()
    page.keyboard.press("Escape")
    where = "season == 'winter' and label != 'sea'"
    page.locator(".where textarea").fill(where)
    page.locator(".where textarea").press("Enter")
    query = parse_qs(urlsplit(page.url).query)["q"][0].removeprefix("id:")
    passing = {item.id for item in far.vectors.store.items.first(1000, where)}
    shown = passing - {query} - {mark.id for mark in marks if not mark.right}
    until(page, f"document.querySelectorAll('.finder {CELL}').length === {len(shown)}")


def test_while_its_database_is_away_the_page_says_so_and_a_retry_works(far: Any, visit: Any, until: Any) -> None:
    item = far.vectors.store.items.first(1)[0].id
    page = visit(f"/c/far/search?q=id:{item}&p=0", at=far.site, expected=("503",))
    until(page, ANSWERED)
    far.vectors.store.away = True
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("s")
    away = page.get_by_text("The database of this collection does not answer")
    away.first.wait_for()
    page.reload()
    away.first.wait_for()
    far.vectors.store.away = False
    page.get_by_role("button", name="Try again").click()
    until(page, ANSWERED)
    far.vectors.store.away = True
    page.goto(f"{far.site.address}/")
    page.get_by_text("Its database does not answer").wait_for()
    page.get_by_role("link", name="shapes").wait_for()


@pytest.mark.parametrize("path", ["browse", "map", "duplicates"])
def test_pages_that_need_a_file_say_so(far: Any, visit: Any, path: str) -> None:
    page = visit(f"/c/far/{path}", at=far.site, expected=("409",))
    page.get_by_text("This needs a collection in a file").first.wait_for()


def test_it_is_offered_for_nothing_that_needs_a_file(far: Any, visit: Any) -> None:
    page = visit("/jobs", at=far.site)
    page.locator(".begin strong").wait_for()
    assert page.locator(".begin strong").inner_text() == "shapes"
    page = visit("/compare", at=far.site)
    page.locator(".library pre").wait_for()
    page = visit("/welcome", at=far.site)
    page.locator(".copy-line, code").first.wait_for()
    assert "shapes" in page.inner_text("main")
