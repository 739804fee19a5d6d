"""The pages in a browser."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(("language", "heading"), [("en", "Collections"), ("uk", "Колекції")])
def test_the_first_page_lists_the_collections(visit: Callable[..., Any], language: str, heading: str) -> None:
    page = visit("/", language=language)
    assert page.locator("h1").inner_text() == heading
    assert "36" in page.locator(".card").inner_text()
    assert "#" not in page.url
