"""The page around its sections: switches, contents, keyboard, print, both themes, both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podoba.report.study.texts import catalogue

OpenPage = Callable[..., Any]
SECTIONS = ("results", "curves", "maps", "confusion", "sheets", "samples", "findings", "caveats", "repeat")


@pytest.mark.parametrize(
    ("theme", "locale", "language", "width"),
    [("light", "en-GB", "en", 1280), ("dark", "uk-UA", "uk", 1280), ("dark", "en-GB", "en", 390), ("light", "uk-UA", "uk", 390)],
)
def test_every_section_in_both_themes_and_languages(
    visit: OpenPage, hostile: str, theme: str, locale: str, language: str, width: int
) -> None:
    page = visit(color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})
    texts = catalogue(language)
    assert page.locator("main > section").count() == len(SECTIONS)
    for name in SECTIONS:
        assert page.locator(f"#{name} h2").inner_text() == texts[f"{name}.title"]
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light == (theme == "light")
    assert page.locator("#description").inner_text() == hostile  # shown as it is, not run


def test_switches_change_language_and_theme_and_are_kept(visit: OpenPage) -> None:
    page = visit()
    page.click("#language")
    assert page.locator("#results h2").inner_text() == catalogue("uk")["results.title"]
    assert page.evaluate("document.activeElement.id") == "language"
    page.click("#theme")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("#results h2").inner_text() == catalogue("uk")["results.title"]
    page.click("#language")
    assert page.locator("#results h2").inner_text() == catalogue("en")["results.title"]


def test_the_head_names_the_images(visit: OpenPage) -> None:
    text = visit().locator("#images").inner_text()
    assert text.startswith("Training images: digits. Test images: digits. Evaluated on ")
    assert "of 10 classes" in text


def test_there_is_no_zero_below_zero(visit: OpenPage) -> None:
    assert visit().evaluate("[number(-0.00001, 4), number(-0.3, 1)]") == ["0.0000", "−0.3"]


def test_everything_is_reached_by_the_keyboard(visit: OpenPage) -> None:
    """Tab goes through the page and never gets stuck; what has the focus shows it."""
    page = visit()
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
          const one = document.activeElement;
          return [one.tagName + (one.id || one.textContent.slice(0, 20)), getComputedStyle(one).outlineStyle];
        }""")
        )
    assert len({name for name, _ in seen}) > 20
    assert {style for _, style in seen} == {"solid"}


def test_printing_is_light_and_unfolded(visit: OpenPage) -> None:
    page = visit(color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#results table").first.is_visible()
    assert page.locator("#curves .legend .chip[data-variant]").first.is_visible()  # else nobody knows which line is which
    assert page.locator("#maps .legend [data-class]").first.is_visible()
    assert page.locator("#sheet .pick:visible").count() == 1  # the query of the results below it
    assert page.locator("#confusion [data-entry]").first.is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html").get_attribute("data-theme") == "dark"
