"""The matrices side by side, and their entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OpenPage = Callable[..., Any]


def test_an_entry_of_the_matrix_lists_queries_of_both_models(visit: OpenPage) -> None:
    page = visit()
    key = page.evaluate("Object.keys(DATA.confusion.entries)[3]")
    row, line = key.split(",")
    page.click(f'#confusion svg[data-side="0"] rect[data-row="{row}"][data-column="{line}"]')
    assert page.locator("#confusion rect.chosen").count() == 2
    classes = page.evaluate("DATA.confusion.classes")
    assert page.locator("#entry h3").inner_text() == f"Query {classes[int(row)]}, retrieved {classes[int(line)]}"
    assert page.locator("#entry .entry").count() >= 1
    first = page.locator("#entry .entry").first
    assert first.locator("h4").count() == 2
    assert first.locator("img").count() >= 2
    assert page.locator("#confusion select").nth(1).input_value() == "3"  # the first variant of another loss
    page.locator("#confusion select").nth(1).select_option("4")
    assert page.locator("#confusion select").nth(1).evaluate("list => list === document.activeElement")
    shown = page.evaluate("variantName(DATA.confusion.matrices[4].variant)")
    assert first.locator("h4").nth(1).inner_text().startswith(shown)
    page.locator('#confusion svg[data-side="0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#confusion rect.chosen").first
    assert (chosen.get_attribute("data-row"), chosen.get_attribute("data-column")) == (
        str(min(9, int(row) + 1)), str(min(9, int(line) + 1)),
    )  # fmt: skip
