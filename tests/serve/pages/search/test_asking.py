"""What a search begins with: a picture that is chosen, dropped or pasted, words; and how it is shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection

Open = Callable[..., Any]
CELL = "[role=gridcell]"
DROP = """async ([url, where]) => {
  const file = new File([await (await fetch(url)).blob()], "dropped.jpg", { type: "image/jpeg" });
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  const fire = (node, type) => node.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  fire(document.body, "dragenter");
  const area = document.querySelector(where);
  fire(area, "dragover");
  fire(area, "drop");
}"""
PASTE = """async ([kind, value]) => {
  const clipboardData = new DataTransfer();
  if (kind === "text") clipboardData.setData("text/plain", value);
  else clipboardData.items.add(new File([await (await fetch(value)).blob()], "pasted.jpg", { type: "image/jpeg" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def chooser(page: Any) -> Any:
    return page.locator(".field input[type=file]:not([capture])")


@pytest.mark.parametrize(
    ("language", "theme"),
    [
        ("en", "light"), ("uk", "dark"),
        *(pytest.param(*other, marks=pytest.mark.thorough) for other in (("en", "dark"), ("uk", "light"))),
    ],
)  # fmt: skip
def test_a_search_is_shown_in_both_languages_and_themes(
    search: Open, ids: dict[str, str], assert_accessible: Any, until: Any, language: str, theme: str, idle: Any
) -> None:
    page = search(language=language, theme=theme)
    until(page, "document.querySelectorAll('.start [role=gridcell].is-loaded').length > 10")
    assert_accessible(page)
    page.goto(page.url + f"?q=id:{ids['sea-1']}&p=0.1")
    idle(page)
    until(page, "document.querySelectorAll('.facet').length > 3")
    assert_accessible(page)
    sentence = {"en": r"pictures? (is|are) similar\. About \d+ in 10", "uk": r"схож\w+ \w+\. Приблизно \d+ з 10"}[language]
    assert re.search(sentence, page.locator(".probability-says").inner_text())
    assert page.locator(".line-text").is_visible()


def test_hits_are_those_of_the_collection_and_of_the_api(
    search: Open, ids: dict[str, str], scenes_collection: Path, gallery: Any, names: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    with Collection.open(scenes_collection, read_only=True) as scenes:
        hits = scenes.search(f"id:{ids['sea-1']}", k=20).hits
    shown = [name.split(", ") for name in names(page)[:20]]
    assert [name for name, *_ in shown] == [Path(hit.uri).name for hit in hits]
    assert [chance for _, chance, *_ in shown] == [f"{round(100 * (hit.probability or 0))}%" for hit in hits]


@pytest.mark.parametrize("language", ["en", "uk"])
def test_on_a_phone_everything_fits_and_pictures_are_taken(
    search: Open, ids: dict[str, str], assert_accessible: Any, language: str
) -> None:
    page = search(f"?q=id:{ids['sea-1']}", language=language, width=360, height=740, is_mobile=True, has_touch=True)
    assert page.locator(".is-camera input").get_attribute("capture") == "environment"
    assert page.locator(".is-camera").is_visible()
    page.locator(".filter-button").tap()
    assert page.locator(".filters .facet").first.is_visible()
    assert_accessible(page)
    page.locator(CELL).first.tap()
    page.locator(".details-actions button").first.wait_for()
    assert_accessible(page)


def test_a_link_of_nonsense_says_so(search: Open) -> None:
    page = search("?q=nonsense", answered=False)
    assert "nonsense" in page.locator(".toast").inner_text()
    assert page.locator(".start").is_visible()


def test_a_chosen_picture_is_sent_as_it_is_and_a_reload_gives_the_same(
    search: Open, scenes_folder: Path, until: Any, ids: dict[str, str], idle: Any, names: Any, parameter: Any
) -> None:
    page = search()
    chooser(page).set_input_files(scenes_folder / "night-3.jpg")
    idle(page)
    until(page, "/u:[0-9a-f]{64}\\.[\\w-]+/.test(new URLSearchParams(location.search).get('q'))")
    sha = hashlib.sha256((scenes_folder / "night-3.jpg").read_bytes()).hexdigest()
    assert (parameter(page, "q") or "").startswith(f"u:{sha}.")
    assert page.locator(".part-name").inner_text() == "night-3.jpg"
    assert "night-3.jpg" in page.locator(".query-note").inner_text()
    found = names(page)
    assert all(name.startswith("night") for name in found[:4])
    page.reload()
    idle(page)
    assert names(page) == found


def test_an_upload_that_is_gone_is_searched_by_its_descriptor(
    search: Open, scenes_folder: Path, until: Any, names: Any, parameter: Any
) -> None:
    page = search()
    chooser(page).set_input_files(scenes_folder / "night-3.jpg")
    until(page, "/u:[0-9a-f]{64}\\.[\\w-]+/.test(new URLSearchParams(location.search).get('q'))")
    found, query = names(page), parameter(page, "q") or ""
    gone = re.sub("u:[0-9a-f]{64}", f"u:{'0' * 64}", query)
    page = search(f"?q={gone}", expected=("410",))
    again = [name for name in names(page) if not name.startswith("night-3")]  # a descriptor does not know that it is an item
    assert again == found
    assert (parameter(page, "q") or "").startswith("d:")
    assert "no longer" in page.locator(".toast").inner_text()


def test_a_picture_is_dropped_anywhere_to_search_by_it_or_to_add_it(
    search: Open, ids: dict[str, str], until: Any, idle: Any
) -> None:
    page = search()
    thumbnail = f"/api/v1/collections/scenes/items/{ids['hills-2']}/thumbnail?side=384"
    page.evaluate(DROP, [thumbnail, ".drop-area[data-mode=replace]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")
    idle(page)
    assert page.locator(".drop-overlay").is_hidden()
    page.evaluate(DROP, [thumbnail.replace("384", "192"), ".drop-area[data-mode=add]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 2")
    page.evaluate(DROP, [thumbnail, ".drop-area[data-mode=replace]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")


def test_a_picture_or_words_are_pasted(search: Open, ids: dict[str, str], until: Any, parameter: Any) -> None:
    page = search()
    page.evaluate(PASTE, ["file", f"/api/v1/collections/scenes/items/{ids['hills-3']}/thumbnail?side=384"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")
    assert page.locator(".part-name").inner_text() == "pasted.jpg"
    page.evaluate(PASTE, ["text", "sea"])
    until(page, "new URLSearchParams(location.search).get('q') === 'text:sea'")
    page.evaluate(PASTE, ["text", "https://example.org/cat.jpg"])
    assert "not opened" in page.locator(".toast").last.inner_text()
    assert parameter(page, "q") == "text:sea"


def test_words_have_scores_and_no_threshold(search: Open, assert_accessible: Any, idle: Any, names: Any) -> None:
    page = search()
    page.locator(".field-words").fill("sea")
    page.keyboard.press("Enter")
    idle(page)
    assert all(name.startswith("sea") for name in names(page)[:6])
    assert not page.locator(".probability-control").is_visible()
    assert "score" in page.locator(".probability-says").inner_text()
    assert_accessible(page)


def test_a_model_without_words_takes_pictures_alone(search: Open) -> None:
    page = search(collection="shapes")
    assert page.locator(".field-words").count() == 0
    assert "Drop a picture" in page.locator(".field").inner_text()
    page.evaluate(PASTE, ["text", "sea"])
    assert "pictures only" in page.locator(".toast").inner_text()


def test_what_cannot_be_read_or_is_too_large_is_said_and_nothing_is_lost(
    search: Open, ids: dict[str, str], tmp_path: Path, visit: Any, serve: Any, scenes_collection: Path, names: Any
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    page = search(f"?q=id:{ids['sea-1']}", expected=("422",))
    found = names(page)
    chooser(page).set_input_files(tmp_path / "broken.jpg")
    page.get_by_text("cannot be read as a picture").wait_for()
    assert "broken.jpg" in page.locator(".field-errors").inner_text()
    assert names(page) == found
    assert page.locator(".part").count() == 1
    (tmp_path / "large.jpg").write_bytes(b"x" * 3000)
    with serve([scenes_collection], largest_upload=2000) as small:
        page = visit("/c/scenes/search", at=small)
        chooser(page).set_input_files(tmp_path / "large.jpg")
        page.get_by_text("at most").wait_for()
        assert "3 kB" in page.locator(".field-errors").inner_text()
        assert "2 kB" in page.locator(".field-errors").inner_text()


def test_an_upload_shows_its_progress_and_can_be_stopped(search: Open, scenes_folder: Path, until: Any, parameter: Any) -> None:
    page = search()
    held: list[Any] = []
    page.route("**/uploads?*", lambda route: held.append(route))
    chooser(page).set_input_files(scenes_folder / "night-3.jpg")
    page.locator(".part.is-sending progress").wait_for()
    until(page, lambda: len(held) == 1)
    page.get_by_role("button", name="Stop sending night-3.jpg").click()
    until(page, "document.querySelectorAll('.part').length === 0")
    assert parameter(page, "q") is None
    assert len(held) == 1
