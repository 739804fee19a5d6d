"""Marks re-rank at once, can be undone, and are there at the next visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Open = Callable[..., Any]
CELL = "[role=gridcell]"


def test_marks_rerank_at_once_are_undone_and_read_back(
    own: Any, search: Open, ids: dict[str, str], until: Any, assert_accessible: Any, names: Any
) -> None:
    query = f"?q=id:{ids['sea-1']}&p=0"
    page = search(query, at=own)
    before = names(page)
    page.locator(f".finder {CELL}").nth(1).focus()
    wrong = before[1].split(",")[0]
    page.keyboard.press("w")
    until(page, lambda: not any(name.startswith(wrong) for name in names(page)))
    assert page.evaluate("document.activeElement.dataset.index") == "1"  # the next one has the focus
    page.keyboard.press("r")
    until(page, "document.querySelectorAll('.cell-mark.is-right[aria-pressed=true]').length === 1")
    assert "2 marks" in page.locator(".query-note").inner_text()
    assert_accessible(page)
    page.reload()
    until(page, "document.querySelectorAll('.cell-mark.is-right[aria-pressed=true]').length === 1")
    assert not any(name.startswith(wrong) for name in names(page))
    page.locator(f".finder {CELL}:not(:has(.has-mark))").first.focus()
    page.keyboard.press("w")
    until(page, "document.querySelector('.query-note').innerText.includes('3')")
    page.locator(".toast button").last.click()
    until(page, "document.querySelector('.query-note').innerText.includes('2')")
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("u")
    until(page, "[...document.querySelectorAll('[role=status]')].some((one) => one.textContent.includes('nothing to undo'))")


def test_marks_by_buttons_and_of_many_at_once(own: Any, search: Open, ids: dict[str, str], until: Any, names: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0", at=own)
    first = names(page)[0].split(",")[0]
    page.locator(f".finder {CELL}").first.hover()
    page.get_by_role("button", name=f"Right: {first}").click()
    pressed = page.get_by_role("button", name=f"Right: {first}", pressed=True)
    pressed.wait_for()
    pressed.click()
    page.get_by_role("button", name=f"Right: {first}", pressed=False).wait_for()
    chosen = [name.split(",")[0] for name in names(page)[3:5]]
    for index in (3, 4):
        page.locator(f".finder {CELL}").nth(index).focus()
        page.keyboard.press("Space")
    page.get_by_role("region", name="Selected pictures").get_by_role("button", name="Wrong").click()
    until(page, lambda: not set(chosen) & {name.split(",")[0] for name in names(page)})
    with own.client() as client:
        assert sorted(mark["name"] for mark in client.get("/collections/scenes/marks").json()["marks"]) == sorted(chosen)
