"""The first steps in a browser: from a folder to the first search."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.lock import only_writer

pytestmark = pytest.mark.slow
WORDS = {
    "en": {"start": "Start", "ready": "36 pictures are ready", "out": "1 file was left out"},
    "uk": {"start": "Почати", "ready": "36 зображень готові", "out": "1 файл пропущено"},
}


@pytest.fixture
def photos(tmp_path: Path, shapes: Path) -> Path:
    """A folder that may be looked into: one of pictures, one of none."""
    folder = tmp_path / "Pictures"
    shutil.copytree(shapes, folder / "літо <b>")
    (folder / "літо <b>" / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def new(serve: Any, photos: Path, tmp_path: Path) -> Iterator[Any]:
    """A server of a collection that is not there yet."""
    with serve([tmp_path / "new.podoba"], allow_index=(photos,)) as site:
        yield site


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_from_a_folder_to_the_first_search(
    visit: Any, new: Any, assert_accessible: Any, language: str, theme: str, width: int
) -> None:
    words = WORDS[language]
    page = visit("/", at=new, language=language, theme=theme, width=width)
    page.locator(".collection-card a").click()
    page.locator(".folder").first.wait_for()
    page.locator("summary").click()
    assert page.locator(".model-name").all_inner_texts()[:2] == ["photo", "small"]
    assert_accessible(page)
    page.get_by_label("small").check()
    page.locator(".folder", has_text="літо").click()
    page.locator(".way [aria-current]", has_text="літо <b>").wait_for()
    assert page.locator(".folder-name").all_inner_texts() == ["circle", "square", "triangle"]
    page.get_by_role("button", name=words["start"]).click()
    page.locator(".suggestions").wait_for()
    assert page.locator("h1").inner_text() == words["ready"]
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert words["out"] in page.locator("summary").inner_text()
    for image in page.locator(".suggestions img").all():
        image.evaluate("image => image.decode()")
    links = [link.get_attribute("href") for link in page.locator(".suggestions a").all()]
    assert len(set(links)) == 6
    assert all(link.startswith("/c/new/search?q=id%3A") for link in links)
    assert_accessible(page)
    assert new.client().get("/collections/new").json()["model"]["name"] == "small"


def test_by_keys_alone_and_back(visit: Any, new: Any) -> None:
    page = visit("/welcome", at=new)
    page.locator(".folder", has_text="empty").focus()
    page.keyboard.press("Enter")
    page.locator(".way [aria-current]", has_text="empty").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "empty"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.locator(".folder").first.wait_for()
    assert page.locator(".chosen").inner_text() == "All pictures in Pictures and in its folders"


def test_work_that_goes_on_is_found_again_and_shown_with_its_pictures(
    visit: Any, new: Any, assert_accessible: Any, tmp_path: Path, shapes: Path
) -> None:
    with Collection.open(tmp_path / "new.podoba", create=True) as collection:
        collection.update([shapes], "small")
    with only_writer(tmp_path / "new.podoba"):
        page = visit("/welcome", at=new)
        page.get_by_role("button", name="Start").click()
        page.get_by_text("Another program is writing").wait_for()
        page.reload()
        page.get_by_text("Another program is writing").wait_for()
        assert_accessible(page)
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Go on").wait_for()
        page.reload()
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Pause").wait_for()
    page.locator(".suggestions").wait_for()
    assert page.locator("h1").inner_text() == "72 pictures are ready"


def test_nothing_is_started_before_a_folder_is_chosen(visit: Any, new: Any, until: Any) -> None:
    page = visit("/", at=new)
    held: list[Any] = []
    page.route("**/api/v1/folders/*", lambda route: held.append(route))
    page.goto(f"{new.address}/welcome")
    start = page.get_by_role("button", name="Start")
    start.wait_for()
    until(page, lambda: bool(held))
    assert start.is_disabled()
    for route in held:
        route.continue_()
    until(page, start.is_enabled)


def test_a_folder_without_pictures_leads_back(visit: Any, new: Any) -> None:
    page = visit("/welcome", at=new)
    page.locator(".folder", has_text="empty").click()
    page.locator(".way [aria-current]", has_text="empty").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Choose another folder").click()
    page.locator(".folder").first.wait_for()


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "dark", 1280), ("uk", "light", 360)])
def test_where_no_folder_is_allowed_it_says_what_to_type(
    visit: Any, serve: Any, assert_accessible: Any, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    line = "podoba serve new.podoba --allow-index ~/Pictures"
    with serve([tmp_path / "new.podoba"]) as site:
        options = {"permissions": ["clipboard-read", "clipboard-write"]}
        page = visit("/welcome", at=site, language=language, theme=theme, width=width, **options)
        assert page.locator(".copy-line code").inner_text() == line
        assert_accessible(page)
        page.locator(".copy-line button").click()
        page.locator(".toast").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == line


def test_the_line_names_the_collection_where_it_is(visit: Any, serve: Any, tmp_path: Path) -> None:
    place = tmp_path / "it's new.podoba"
    with serve([place], show_paths=True) as site:
        line = visit("/welcome", at=site).locator(".copy-line code").inner_text()
    assert shlex.split(line) == ["podoba", "serve", str(place), "--allow-index", "~/Pictures"]
