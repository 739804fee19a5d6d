"""The page of a search, by mouse, by keys and by what a person can do wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import pytest

from podoba.collection.collection import Collection

Open = Callable[..., Any]
CELL = "[role=gridcell]"
NAMES = """[...document.querySelectorAll('.search-page > .finder [role=gridcell]')]
  .sort((a, b) => a.dataset.index - b.dataset.index).map((cell) => cell.ariaLabel)"""
IDLE = "!document.querySelector('[aria-busy]') && document.querySelector('.search-page > .finder [role=gridcell], .empty h2') !== null"
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


@pytest.fixture
def search(visit: Any, gallery: Any, until: Any) -> Open:
    """Opens the page of a search, and waits for its answer where there is a query."""

    def open_page(query: str = "", *, collection: str = "scenes", answered: bool = True, **options: Any) -> Any:
        page = visit(f"/c/{collection}/search{query}", **{"at": gallery, **options})
        page.locator(".field").wait_for()
        if query and answered:
            until(page, IDLE)
        return page

    return open_page


@pytest.fixture(scope="session")
def ids(scenes_collection: Path) -> dict[str, str]:
    """The ids of the scenes by the names of their files."""
    with Collection.open(scenes_collection, read_only=True) as scenes:
        return {Path(item.uri).stem: item.id for item in scenes.items()}


def parameter(page: Any, name: str) -> str | None:
    return parse_qs(urlparse(page.url).query).get(name, [None])[0]


def names(page: Any) -> list[str]:
    found: list[str] = page.evaluate(NAMES)
    return found


def chooser(page: Any) -> Any:
    return page.locator(".field input[type=file]:not([capture])")


# Seeing.


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_search_is_shown_in_both_languages_and_themes(
    search: Open, ids: dict[str, str], assert_accessible: Any, until: Any, language: str, theme: str
) -> None:
    page = search(language=language, theme=theme)
    until(page, "document.querySelectorAll('.start [role=gridcell].is-loaded').length > 10")
    assert_accessible(page)
    page.goto(page.url + f"?q=id:{ids['sea-1']}&p=0.1")
    until(page, IDLE)
    until(page, "document.querySelectorAll('.facet').length > 3")
    assert_accessible(page)
    said = page.locator(".probability-says").inner_text()
    assert re.search(
        {"en": r"pictures? (is|are) similar\. About \d+ in 10", "uk": r"схож\w+ \w+\. Приблизно \d+ з 10"}[language], said
    )
    assert page.locator(".line-text").is_visible()


def test_hits_are_those_of_the_collection_and_of_the_api(
    search: Open, ids: dict[str, str], scenes_collection: Path, gallery: Any
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


# Asking.


def test_a_chosen_picture_is_sent_as_it_is_and_a_reload_gives_the_same(
    search: Open, scenes_folder: Path, until: Any, ids: dict[str, str]
) -> None:
    page = search()
    chooser(page).set_input_files(scenes_folder / "night-3.jpg")
    until(page, IDLE)
    until(page, "/u:[0-9a-f]{64}\\.[\\w-]+/.test(new URLSearchParams(location.search).get('q'))")
    assert (parameter(page, "q") or "").startswith(
        f"u:{hashlib.sha256((scenes_folder / 'night-3.jpg').read_bytes()).hexdigest()}."
    )
    assert page.locator(".part-name").inner_text() == "night-3.jpg"
    assert "night-3.jpg" in page.locator(".query-note").inner_text()
    found = names(page)
    assert all(name.startswith("night") for name in found[:4])
    page.reload()
    until(page, IDLE)
    assert names(page) == found


def test_an_upload_that_is_gone_is_searched_by_its_descriptor(search: Open, scenes_folder: Path, until: Any) -> None:
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


def test_a_picture_is_dropped_anywhere_to_search_by_it_or_to_add_it(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search()
    thumbnail = f"/api/v1/collections/scenes/items/{ids['hills-2']}/thumbnail?side=384"
    page.evaluate(DROP, [thumbnail, ".drop-area[data-mode=replace]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")
    until(page, IDLE)
    assert page.locator(".drop-overlay").is_hidden()
    page.evaluate(DROP, [thumbnail.replace("384", "192"), ".drop-area[data-mode=add]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 2")
    page.evaluate(DROP, [thumbnail, ".drop-area[data-mode=replace]"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")


def test_a_picture_or_words_are_pasted(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search()
    page.evaluate(PASTE, ["file", f"/api/v1/collections/scenes/items/{ids['hills-3']}/thumbnail?side=384"])
    until(page, "document.querySelectorAll('.part:not(.is-sending)').length === 1")
    assert page.locator(".part-name").inner_text() == "pasted.jpg"
    page.evaluate(PASTE, ["text", "sea"])
    until(page, "new URLSearchParams(location.search).get('q') === 'text:sea'")
    page.evaluate(PASTE, ["text", "https://example.org/cat.jpg"])
    assert "not opened" in page.locator(".toast").last.inner_text()
    assert parameter(page, "q") == "text:sea"


def test_words_have_scores_and_no_threshold(search: Open, until: Any, assert_accessible: Any) -> None:
    page = search()
    page.locator(".field-words").fill("sea")
    page.keyboard.press("Enter")
    until(page, IDLE)
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
    search: Open, ids: dict[str, str], tmp_path: Path, visit: Any, serve: Any, scenes_collection: Path, until: Any
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


def test_an_upload_shows_its_progress_and_can_be_stopped(search: Open, scenes_folder: Path, until: Any) -> None:
    page = search()
    held: list[Any] = []
    page.route("**/uploads?*", lambda route: held.append(route))
    chooser(page).set_input_files(scenes_folder / "night-3.jpg")
    page.locator(".part.is-sending progress").wait_for()
    page.get_by_role("button", name="Stop sending night-3.jpg").click()
    until(page, "document.querySelectorAll('.part').length === 0")
    assert parameter(page, "q") is None
    assert len(held) == 1


# The query.


def test_parts_are_turned_weighed_removed_and_undone_by_back(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']} | id:{ids['hills-1']}")
    page.get_by_role("button", name="hills-1.jpg is wanted").click()
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}'")
    until(page, IDLE)
    weight = page.get_by_label("Weight of hills-1.jpg")
    assert weight.input_value() == "0.25"
    weight.fill("0.5")
    weight.press("Enter")
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}@.5'")
    until(page, IDLE)
    page.get_by_role("button", name="Remove hills-1.jpg").click()
    until(page, "!new URLSearchParams(location.search).has('not')")
    assert page.evaluate("document.activeElement.closest('.part') !== null")  # the focus is not lost
    page.go_back()
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids['hills-1']}@.5'")
    until(page, IDLE)
    assert page.locator(".part.is-unwanted").count() == 1
    page.go_forward()
    until(page, "document.querySelectorAll('.part.is-unwanted').length === 0")
    assert page.get_by_role("button", name="sea-1.jpg is wanted").is_disabled()  # something must be wanted
    page.get_by_role("button", name="Remove sea-1.jpg").click()
    until(page, "document.querySelector('.start').checkVisibility()")


def test_a_box_is_drawn_moved_by_keys_and_written_by_keyboard_alone(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any
) -> None:
    page = search(f"?q=id:{ids['night-0']}")
    whole = names(page)
    page.get_by_role("button", name="Choose a part of night-0.jpg").focus()
    page.keyboard.press("Enter")
    frame = page.locator(".crop-frame")
    frame.wait_for()
    assert_accessible(page)
    assert page.evaluate("document.activeElement.className") == "crop-frame"

    def box() -> list[int]:
        values: list[int] = page.evaluate(
            "[...document.querySelectorAll('.crop-fields input')].map((field) => Number(field.value))"
        )
        return values

    x, y, w, h = box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    moved = box()
    assert moved[0] > x
    assert moved[1] > y
    assert moved[2] < w
    assert moved[3] > h
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    assert box() == [12, *moved[1:]]
    page.get_by_role("button", name="Search by this part").focus()
    page.keyboard.press("Enter")
    until(page, "new URLSearchParams(location.search).has('box')")
    until(page, IDLE)
    assert parameter(page, "box") == f"0:12,{moved[1]},{moved[2]},{moved[3]}"
    part = names(page)
    assert part != whole
    page.reload()
    until(page, IDLE)
    assert names(page) == part
    assert page.locator(".part-outline").count() == 1


def test_a_box_is_drawn_with_the_pointer(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search(f"?q=id:{ids['night-0']}")
    page.get_by_role("button", name="Choose a part of night-0.jpg").click()
    stage = page.locator(".crop-stage").bounding_box()
    page.mouse.move(stage["x"] + 0.1 * stage["width"], stage["y"] + 0.2 * stage["height"])
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.6 * stage["width"], stage["y"] + 0.5 * stage["height"], steps=4)
    page.mouse.up()
    wide, high = page.evaluate("document.querySelector('.crop-shades').getAttribute('viewBox').split(' ').slice(2).map(Number)")
    drawn = page.evaluate("[...document.querySelectorAll('.crop-fields input')].map((field) => Number(field.value))")
    assert drawn == pytest.approx([0.1 * wide, 0.2 * high, 0.5 * wide, 0.3 * high], abs=2)
    page.get_by_role("button", name="Search by this part").click()
    until(page, "new URLSearchParams(location.search).has('box')")
    until(page, IDLE)
    page.get_by_role("button", name="Choose a part of night-0.jpg").click()
    page.get_by_role("button", name="Whole picture").click()
    until(page, "!new URLSearchParams(location.search).has('box')")


# Understanding.


def test_the_threshold_draws_a_line_and_an_empty_answer_is_an_answer(
    search: Open, ids: dict[str, str], until: Any, assert_accessible: Any
) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0.1")
    similar = int(re.findall(r"^\d+", page.locator(".probability-says").inner_text())[0])
    beyond = page.evaluate("[...document.querySelectorAll('.is-beyond')].map((cell) => Number(cell.dataset.index))")
    assert min(beyond) == similar
    assert all("below the line" in name for name in names(page)[similar:])
    page.locator("#probability").focus()
    page.keyboard.press("End")
    until(page, "new URLSearchParams(location.search).get('p') === '1'")
    page.get_by_text("Nothing here is similar").wait_for()
    nearest = page.locator(".empty").first.inner_text()
    assert re.search(r"The nearest is \d+%", nearest)
    assert page.locator(f".finder {CELL}").count() == 0
    assert_accessible(page)
    page.get_by_role("button", name="Show anyway").click()
    until(page, "document.querySelectorAll('.finder .is-beyond').length > 10")
    assert page.evaluate("document.activeElement.dataset.index") == "0"
    page.reload()
    page.get_by_text("Nothing here is similar").wait_for()


def test_facets_compose_the_filter_and_chips_take_it_apart(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    page.locator(".chip", has_text="spring").click()
    until(page, "new URLSearchParams(location.search).get('where') === 'season == \"spring\"'")
    until(page, IDLE)
    spring = page.locator(".chip", has_text="spring").locator(".chip-count").inner_text()
    assert len(names(page)) in (int(spring), int(spring) - 1)  # the query itself is none of the results
    page.locator(".chip", has_text="winter").click()  # its own choice does not bound the counts of a facet
    until(page, "new URLSearchParams(location.search).get('where') === 'season in [\"spring\", \"winter\"]'")
    until(page, IDLE)
    page.get_by_label("File size: from").fill("30000")
    page.get_by_label("File size: from").press("Enter")
    until(page, "new URLSearchParams(location.search).get('where')?.endsWith('and size >= 30000')")
    until(page, IDLE)
    page.get_by_role("button", name="Remove filter season").click()
    until(page, "new URLSearchParams(location.search).get('where') === 'size >= 30000'")
    page.go_back()
    until(page, "document.querySelectorAll('.term').length === 2")


def test_a_wrong_filter_shows_its_place(search: Open, ids: dict[str, str], until: Any, assert_accessible: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0", expected=("422",))
    page.locator(".where summary").click()
    field = page.locator(".where textarea")
    field.fill("label == 'sea' and yeer > 2019")
    field.press("Enter")
    page.locator(".where-marked mark").wait_for()
    assert page.locator(".where-marked mark").inner_text() == "yeer"
    assert field.get_attribute("aria-invalid") == "true"
    assert "year" in page.locator(".where-error").inner_text()  # the nearest name
    assert field.input_value() == "label == 'sea' and yeer > 2019"
    assert_accessible(page)
    field.fill("label == 'sea' and year > 2019")
    page.get_by_role("button", name="Apply").click()
    until(page, IDLE)
    until(page, f"document.querySelectorAll('.finder {CELL}').length > 2")
    assert all(name.startswith("sea") for name in names(page))
    field.fill("label == 'nothing'")
    field.press("Enter")
    page.get_by_text("No picture passes the filter").wait_for()
    page.locator(".empty").get_by_role("button", name="Remove all filters").click()
    until(page, f"document.querySelectorAll('.finder {CELL}').length > 10")


@pytest.mark.parametrize(("sort", "key"), [("name", lambda name: name), ("largest", None), ("varied", None)])
def test_results_are_put_into_another_order(search: Open, ids: dict[str, str], until: Any, sort: str, key: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    before = names(page)
    page.locator(".sort select").select_option(sort)
    until(page, f"new URLSearchParams(location.search).get('sort') === '{sort}'")
    until(page, f"{NAMES}.join() !== {before!r}.join()")
    if key is not None:
        assert names(page) == sorted(names(page), key=key)
    after = names(page)
    page.reload()
    until(page, IDLE)
    assert names(page) == after


@pytest.mark.parametrize("format", ["csv", "json", "html"])
def test_results_are_saved(search: Open, ids: dict[str, str], format: str) -> None:
    page = search(f"?q=id:{ids['sea-1']}")
    page.locator(".export summary").click()
    with page.expect_download() as saving:
        page.locator(f".export-list a[href$='format={format}']").click()
    text = Path(saving.value.path()).read_text(encoding="utf-8")
    assert saving.value.suggested_filename.endswith(f".{format}")
    assert ids["sea-2"] in text or "sea-2" in text


# Going on.


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


def test_more_and_less_like_a_result(search: Open, ids: dict[str, str], until: Any) -> None:
    page = search(f"?q=id:{ids['sea-1']}&p=0")
    page.locator(f".finder {CELL}").nth(2).focus()
    liked = page.evaluate("document.activeElement.ariaLabel").split(".")[0]
    page.keyboard.press("m")
    until(page, f"new URLSearchParams(location.search).get('q') === 'id:{ids['sea-1']} | id:{ids[liked]}'")
    until(page, IDLE)
    page.locator(f".finder {CELL}").last.focus()
    disliked = page.evaluate("document.activeElement.ariaLabel").split(".")[0]
    page.keyboard.press("l")
    until(page, f"new URLSearchParams(location.search).get('not') === 'id:{ids[disliked]}'")


def test_two_are_selected_to_be_compared(search: Open, ids: dict[str, str], assert_accessible: Any) -> None:
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


def test_a_search_by_the_keyboard_alone(search: Open, until: Any) -> None:
    page = search()
    page.locator(".field-words").focus()
    page.keyboard.type("hills")
    page.keyboard.press("Enter")
    until(page, IDLE)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.role") == "gridcell":
            break
    assert page.evaluate("document.activeElement.dataset.index") == "0"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    until(page, "new URLSearchParams(location.search).get('q')?.startsWith('id:')")
    until(page, IDLE)
    assert names(page)[0].startswith("hills")


def test_letters_are_no_keys_where_something_is_written(search: Open, ids: dict[str, str]) -> None:
    page = search(f"?q=id:{ids['sea-1']}")
    page.locator(".field-words").focus()
    page.keyboard.type("swrm")
    assert page.locator(".field-words").input_value() == "swrm"
    assert parameter(page, "q") == f"id:{ids['sea-1']}"


# Correcting.


@pytest.fixture
def own(serve: Any, scenes_collection: Path, tmp_path: Path) -> Iterator[Any]:
    """A server of a copy of the scenes, for tests that mark."""
    with Collection.open(scenes_collection, read_only=True) as scenes:
        scenes.copy_to(tmp_path / "scenes.podoba")
    with serve([tmp_path / "scenes.podoba"]) as started:
        yield started


def test_marks_rerank_at_once_are_undone_and_read_back(
    own: Any, search: Open, ids: dict[str, str], until: Any, assert_accessible: Any
) -> None:
    query = f"?q=id:{ids['sea-1']}&p=0"
    page = search(query, at=own)
    before = names(page)
    page.locator(f".finder {CELL}").nth(1).focus()
    wrong = before[1].split(",")[0]
    page.keyboard.press("w")
    until(page, f"!{NAMES}.some((name) => name.startsWith('{wrong}'))")
    assert page.evaluate("document.activeElement.dataset.index") == "1"  # the next one has the focus
    page.keyboard.press("r")
    until(page, "document.querySelectorAll('.cell-mark.is-right[aria-pressed=true]').length === 1")
    assert "2 marks" in page.locator(".query-note").inner_text()
    assert_accessible(page)
    page.reload()
    until(page, "document.querySelectorAll('.cell-mark.is-right[aria-pressed=true]').length === 1")
    assert not any(name.startswith(wrong) for name in names(page))
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("w")
    until(page, "document.querySelector('.query-note').innerText.includes('3')")
    page.locator(".toast button").last.click()
    until(page, "document.querySelector('.query-note').innerText.includes('2')")
    page.locator(f".finder {CELL}").first.focus()
    page.keyboard.press("u")
    until(page, "[...document.querySelectorAll('[role=status]')].some((one) => one.textContent.includes('nothing to undo'))")


def test_marks_by_buttons_and_of_many_at_once(own: Any, search: Open, ids: dict[str, str], until: Any) -> None:
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
    until(page, f"!{NAMES}.some((name) => {chosen!r}.includes(name.split(',')[0]))")
    with own.client() as client:
        assert sorted(mark["name"] for mark in client.get("/collections/scenes/marks").json()["marks"]) == sorted(chosen)


# Trouble.


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


def test_names_are_texts(visit: Any, serve: Any, picture: Any, tmp_path: Path, until: Any) -> None:
    for number, name in enumerate(["<img src=x onerror=alert(1)>", "a\u202egpj", "$& amp"]):
        picture(tmp_path / "hostile" / f"{name}.png", number, (40, 30))
    with Collection.open(tmp_path / "hostile.podoba", create=True) as made:
        made.update([tmp_path / "hostile"], "small")
        item = made.items()[0].id
    with serve([tmp_path / "hostile.podoba"]) as site:
        page = visit(f"/c/hostile/search?q=id:{item}&p=0", at=site)
        until(page, IDLE)
        page.locator(f".finder {CELL}").first.focus()
        page.keyboard.press("Enter")
        page.locator("dialog bdi").first.wait_for()
        assert page.locator("main img[src=x], dialog img[src=x]").count() == 0
