"""The page of help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "dark", 360), ("uk", "light", 1280), ("en", "light", 1920)])
def test_help_can_be_read_by_everybody(visit: Any, assert_accessible: Any, language: str, theme: str, width: int) -> None:
    page = visit("/help", language=language, theme=theme, width=width)
    page.locator("h1").wait_for()
    assert_accessible(page)
    for link in page.locator(".contents a").all():
        assert page.locator(str(link.get_attribute("href"))).count() == 1


def test_the_filters_that_it_shows_are_filters(visit: Any, scenes_collection: Path) -> None:
    page = visit("/help")
    page.locator("h1").wait_for()
    shown = page.locator(".filters code").all_inner_texts()
    assert len(shown) == 7
    with Collection.open(scenes_collection, read_only=True) as opened:
        for filter_ in shown:
            known = filter_.replace("city", "place").replace("price", "rating")
            assert opened.count(known) >= 0
