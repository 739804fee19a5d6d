"""The first page: what is served, with some of its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_collections_are_cards_with_pictures(
    visit: Any, gallery: Any, assert_accessible: Any, language: str, theme: str, width: int
) -> None:
    page = visit("/", at=gallery, language=language, theme=theme, width=width)
    cards = page.locator(".collection-card")
    cards.nth(1).wait_for()
    assert cards.locator("h2").all_inner_texts() == ["scenes", "shapes"]
    assert ("36 pictures" if language == "en" else "36 зображень") in cards.first.inner_text()
    cards.nth(1).locator("img").nth(4).wait_for()
    for image in cards.locator("img").all():
        image.evaluate("image => image.decode()")  # fails where there is no picture
    assert_accessible(page)


def test_a_collection_that_is_not_there_leads_to_a_folder(visit: Any, serve: Any, tmp_path: Path) -> None:
    with serve([tmp_path / "new.podoba"]) as site:
        page = visit("/", at=site)
        link = page.locator(".collection-card a")
        link.wait_for()
        assert "choose a folder" in page.locator(".collection-card").inner_text()
        assert link.get_attribute("href") == "/welcome?collection=new"


def test_a_server_of_nothing_leads_to_a_folder(visit: Any, serve: Any) -> None:
    with serve([]) as site:
        page = visit("/", at=site)
        assert page.locator(".notice a").get_attribute("href") == "/welcome"
