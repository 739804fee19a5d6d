"""What can be done with results: open, search by them, select, save; by keys alone; and what is said when something fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection

Open = Callable[..., Any]
CELL = "[role=gridcell]"


def test_a_picture_is_opened_leafed_through_and_searched_by(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Київ").or_(dialog.get_by_text("Дніпро")).or_(dialog.get_by_text("Lisbon")).first.wait_for()
    until(page, "document.querySelector('.details-picture img:last-child').naturalWidth > 300")
    assert_accessible(page)
    first = dialog.locator("h2").inner_text()
    page.keyboard.press("ArrowRight")
    until(page, f"document.querySelector('dialog h2').innerText !== '{first}'")
    assert re.search(r"\d+% likely", dialog.inner_text())
    original = dialog.get_by_role("link", name="Open the original").get_attribute("href")
    assert page.request.get(page.evaluate("location.origin") + original).ok
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.index") == "1"  # where one has leafed to
    second = page.evaluate("document.activeElement.ariaLabel").split(",")[0]
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Search by this one").click()
    until(page, f"new URLSearchParams(location.search).get('q') === 'id:{ids[second.removesuffix('.jpg')]}'")


def test_more_and_less_like_a_result(search: Open, ids: dict[str, str], until: Any, idle: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    page.locator(f".finder {CELL}").nth(2).focus()
    liked = page.evaluate("document.activeElement.ariaLabel").split(".")[0]
    page.keyboard.press("m")
    until(page, f"new URLSearchParams(location.search).get('q') === 'id:{ids['sea-1']} | id:{ids[liked]}'")
    idle(page)
    page.locator(f".finder {CELL}").last.focus()
    disliked = page.evaluate("document.activeElement.ariaLabel").split(".")[0]
    page.keyboard.press("l")
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids[disliked]}'")


def test_two_are_selected_to_be_compared(search: Open, ids: dict[str, str], assert_accessible: Any, names: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0", expected=("404",))
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("Space")
    bar = page.get_by_role("region", name="Selected pictures")
    assert bar.get_by_role("button", name="Compare").is_disabled()
    page.keyboard.press("Shift+ArrowRight")
    assert "2 selected" in bar.inner_text()
    assert_accessible(page)
    chosen = [name.split(".")[0] for name in names(page)[:2]]
    bar.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?*")
    assert page.url.endswith(f"/c/scenes/compare?left={ids[chosen[0]]}&right={ids[chosen[1]]}")


def test_a_search_by_the_keyboard_alone(search: Open, until: Any, idle: Any, names: Any) -> None:
    page = search()
    page.locator(".field-words").focus()
    page.keyboard.type("hills")
    page.keyboard.press("Enter")
    idle(page)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.role") == "gridcell":
            break
    assert page.evaluate("document.activeElement.role") == "gridcell"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    until(page, "new URLSearchParams(location.search).get('q')?.startsWith('id:')")
    idle(page)
    assert names(page)[0].startswith("hills")


def test_letters_are_no_keys_where_something_is_written(search: Open, ids: dict[str, str], parameter: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}")
    page.locator(".field-words").focus()
    page.keyboard.type("swrm")
    assert page.locator(".field-words").input_value() == "swrm"
    assert parameter(page, "q") == f"id:{ids['sea-1']}"


def test_a_server_that_does_not_answer_is_said_and_asked_again(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}", expected=("ERR_FAILED",))
    page.route("**/collections/scenes/search", lambda route: route.abort())
    page.locator(".sort select").select_option("varied")
    page.locator(".empty").get_by_text("does not answer").wait_for()
    page.unroute("**/collections/scenes/search")
    page.get_by_role("button", name="Try again").click()
    until(page, f"document.querySelectorAll('.finder {CELL}').length > 2")


def test_a_collection_without_pictures_leads_to_the_welcome(visit: Any, serve: Any, tmp_path: Path) -> None:
    with serve([tmp_path / "new.podoba"]) as empty:
        page = visit("/c/new/search", at=empty)
        link = page.get_by_role("link", name="Choose a folder")
        link.wait_for()
        assert link.get_attribute("href") == "/welcome?collection=new"


def test_names_are_texts(visit: Any, serve: Any, picture: Any, tmp_path: Path, idle: Any) -> None:
    for number, name in enumerate(["<img src=x onerror=alert(1)>", "a\u202egpj", "$& amp"]):
        picture(tmp_path / "hostile" / f"{name}.png", number, (40, 30))
    with Collection.open(tmp_path / "hostile.podoba", create=True) as made:
        made.update([tmp_path / "hostile"], "small")
        item = made.items()[0].id
    with serve([tmp_path / "hostile.podoba"]) as site:
        page = visit(f"/c/hostile/search?q=id:{item}&p=0", at=site)
        idle(page)
        page.locator(f".finder {CELL}").first.focus()
        page.keyboard.press("Enter")
        page.locator("dialog bdi").first.wait_for()
        assert page.locator("main img[src=x], dialog img[src=x]").count() == 0
