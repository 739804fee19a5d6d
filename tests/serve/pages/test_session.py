"""A browser without a session is told what to do, and gets where it wanted to go."""

from __future__ import annotations

from typing import Any

import pytest

REFUSED = "401"


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Open podoba in this browser"), ("uk", "Відкрити podoba в цьому браузері")]
)
def test_a_pasted_link_opens_the_page_that_was_wanted(visit: Any, assert_accessible: Any, language: str, heading: str) -> None:
    page = visit("/?kept=1", signed_in=False, language=language, expected=(REFUSED,))
    page.wait_for_url("**/session?next=*")
    assert page.locator("h1").inner_text() == heading
    assert_accessible(page)
    page.locator("#link").fill(f"{visit.site.address}/#token={visit.site.settings.token}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?kept=1")
    page.locator(".card").first.wait_for()


def test_an_old_link_is_said_to_be_old(visit: Any, assert_accessible: Any) -> None:
    page = visit("/#token=of-yesterday", signed_in=False, expected=(REFUSED,))
    page.wait_for_url("**/session?next=*")
    page.keyboard.press("Enter")
    assert page.locator("#problem").inner_text() == "Paste the link first."
    page.locator("#link").fill("of-the-day-before")
    page.locator("button.primary").click()
    page.get_by_text("This link is not of the running podoba.").wait_for()
    assert page.evaluate("document.activeElement.id") == "link"
    assert_accessible(page)


@pytest.mark.parametrize("place", ["https://example.org/", "//example.org/", "javascript:alert(1)", "/session?next=/"])
def test_a_link_leads_to_no_other_host(visit: Any, place: str) -> None:
    page = visit("/session", signed_in=False, expected=(REFUSED,))
    page.goto(f"{visit.site.address}/session?next={place}")
    page.locator("#link").fill(visit.site.settings.token)
    page.keyboard.press("Enter")
    page.locator(".card").first.wait_for()
    assert page.url == f"{visit.site.address}/"
