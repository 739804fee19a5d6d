"""Addresses where there is nothing."""

from typing import Any

import httpx
import pytest

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(("path", "language", "heading"), [
    ("/nothing", "en", "There is nothing at this address"),
    ("/c/shapes/nothing", "uk", "За цією адресою нічого немає"),
])  # fmt: skip
def test_a_person_is_shown_a_page_that_leads_on(visit: Any, site: Any, path: str, language: str, heading: str) -> None:
    answer = httpx.get(site.address + path, headers={**PAGE, "Cookie": f"podoba-language={language}"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    page = visit("/missing", at=site, language=language)  # Chromium itself reports the status of the other as an error
    assert page.locator("h1").inner_text() == heading
    page.locator("main a").click()
    page.wait_for_url(f"{site.address}/")


@pytest.mark.parametrize(("path", "headers"), [
    ("/nothing", {"Accept": "*/*"}),
    ("/api/v1/nothing", PAGE),
    ("/static/nothing.js", PAGE),
])  # fmt: skip
def test_a_program_is_answered_a_problem(site: Any, path: str, headers: dict[str, str]) -> None:
    answer = httpx.get(site.address + path, headers={**headers, "Authorization": f"Bearer {site.settings.token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
