"""Result sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OpenPage = Callable[..., Any]


def test_sheets_show_one_query_under_every_variant(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#sheet .sheet").count() == 7
    assert page.locator("#sheet .sheet").first.locator("img").count() == 10
    kinds = page.locator('#sheet [role="radio"][data-value]')
    kinds.nth(1).click()
    assert page.locator('#sheet [aria-checked="true"][data-value]').get_attribute("data-value") == "hardest"
    page.keyboard.press("ArrowRight") if page.evaluate("document.activeElement.dataset.value") else kinds.nth(1).press(
        "ArrowRight"
    )
    assert page.locator('#sheet [aria-checked="true"][data-value]').get_attribute("data-value") == "changed"
    page.locator("#sheet .pick").nth(2).click()
    page.keyboard.press("ArrowRight")
    assert page.locator('#sheet .pick[aria-checked="true"]').get_attribute("data-query") == "3"
    right, wrong = page.locator("#sheet .frame.right").count(), page.locator("#sheet .frame.wrong").count()
    assert right + wrong == 70
    assert wrong > 0
