"""Claims and what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OpenPage = Callable[..., Any]


def test_findings_say_what_they_rest_on(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#findings .claim").count() == 10
    assert page.locator("#findings .untested .claim").count() == 2
    page.locator("#findings .untested > summary").click()
    overfits = page.locator('[data-claim="triplet-overfits-less"]')
    assert overfits.locator(".badge").first.inner_text() == "✓ supported"
    assert "seeds: 3" in overfits.inner_text()
    overfits.locator("summary").first.click()
    assert overfits.locator("details[open] li").count() == 3
    assert "not tested by this study" in page.locator('[data-claim="truck-automobile"]').inner_text()
