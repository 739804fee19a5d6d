"""What holds of every page, in both languages and themes, on narrow and wide windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360), ("uk", "light", 1920), ("en", "dark", 768)]
)
def test_every_page_can_be_used_by_everybody(
    visit: Any,
    gallery: Any,
    page_name: str,
    address_of: Callable[..., str],
    assert_accessible: Any,
    language: str,
    theme: str,
    width: int,
) -> None:
    page = visit(address_of(page_name, gallery, "scenes"), at=gallery, language=language, theme=theme, width=width)
    page.locator("h1").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == language
    assert page.title().endswith(" – podoba")
    assert_accessible(page)
    visit.inspect()
    assert visit.faults == []
