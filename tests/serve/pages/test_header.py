"""The head of every page: by pointer and by keys, on wide and narrow windows, language and theme remembered."""

from __future__ import annotations

from typing import Any

import pytest


def test_language_and_theme_are_remembered(visit: Any) -> None:
    page = visit("/help", theme="auto")
    page.locator("#header .switch").first.click()
    page.get_by_role("heading", name="Довідка").wait_for()
    page.locator("#header .switch").last.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.locator("#header .switch").last.click()
    page.reload()
    page.get_by_role("heading", name="Довідка").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(16, 20, 22)"


def test_the_first_key_leads_past_the_head(visit: Any) -> None:
    page = visit("/help")
    page.locator("h1").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_narrow_head_has_a_menu_for_keys(visit: Any, assert_accessible: Any, language: str) -> None:
    page = visit("/help", width=360, language=language)
    page.locator("h1").wait_for()
    menu = page.locator(".open-more")
    assert not page.locator("#more").is_visible()
    menu.focus()
    page.keyboard.press("Enter")
    assert page.locator("#more a").all_inner_texts() == [
        page.evaluate(f"JSON.parse(document.getElementById('texts').textContent)['shell.{name}']")
        for name in ("models", "studies", "jobs", "help")
    ]
    assert_accessible(page, "#header")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.locator("#more").is_visible()
    assert menu.evaluate("node => node === document.activeElement")


def test_the_collection_is_changed_by_keys_and_the_kind_of_page_stays(visit: Any, gallery: Any, assert_accessible: Any) -> None:
    page = visit("/c/scenes/browse", at=gallery)
    button = page.locator("#header .collection")
    button.wait_for()
    assert page.locator("#header .sections a").evaluate_all("all => all.map((one) => one.pathname)") == [
        f"/c/scenes/{name}" for name in ("search", "browse", "map", "duplicates")
    ]
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="shapes").wait_for()
    assert_accessible(page)
    assert page.evaluate("document.activeElement.textContent") == "scenes"
    page.keyboard.press("Escape")
    assert button.evaluate("node => node === document.activeElement")
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="shapes").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/shapes/browse")


def test_a_collection_that_is_not_served_is_left_behind(visit: Any, gallery: Any) -> None:
    page = visit("/c/shapes/browse", at=gallery)
    page.locator("#header .collection", has_text="shapes").wait_for()
    page.goto(f"{gallery.address}/help")
    page.locator("#header .collection", has_text="shapes").wait_for()
    page.evaluate("sessionStorage.setItem('podoba-collection', 'gone')")
    page.reload()
    page.locator("#header .collection").wait_for(state="detached")
    page.locator("h1").wait_for()
    assert page.locator("#header .sections").count() == 0
