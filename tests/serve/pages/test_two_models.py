"""Two models side by side on one query, and the classes they confuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
MARKED = "[...document.querySelectorAll('.ranked-hit.is-on')].map((hit) => hit.closest('[data-side]').dataset.side)"


@pytest.fixture(scope="module")
def pair(serve: Any, shapes_collection: Path, photo_collection: Path) -> Iterator[Any]:
    """A server of the shapes by two models."""
    with serve([shapes_collection, photo_collection]) as site:
        yield site


@pytest.fixture(scope="module")
def address(pair: Any) -> Any:
    """The address of a comparison by a picture of this name."""

    def find(name: str, **more: str) -> str:
        ids = {one.uri.rpartition("/")[2]: one.id for one in pair.served.collection("shapes").items()}
        return "/compare?" + "&".join(
            [f"a=shapes&b=shapes-photo&q=id:{ids[name]}", *(f"{key}={text}" for key, text in more.items())]
        )

    return find


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_the_same_pictures_are_joined(
    visit: Any, pair: Any, address: Any, assert_accessible: Any, language: str, theme: str, width: int
) -> None:
    page = visit(address("circle-00.jpg"), at=pair, language=language, theme=theme, width=width)
    page.locator(".ranked-hit").nth(39).wait_for()
    with pair.client() as client:
        ids = [one.id for one in pair.served.collection("shapes").items() if one.uri.endswith("circle-00.jpg")]
        found = client.post("/comparison", json={"a": "shapes", "b": "shapes-photo", "query": [{"item": ids[0]}]}).json()
    pictures = [{hit["picture"] for hit in found[side]["hits"]} for side in ("a", "b")]
    joined = pictures[0] & pictures[1]
    assert page.locator(".pair-lines path").count() == len(joined) > 0
    assert str(len(joined)) in page.locator(".compared-said").inner_text()
    gone, new = ("gone", "new") if language == "en" else ("зникло", "нове")
    words = [page.locator(f'[data-side="{side}"] .change [aria-hidden]').all_inner_texts() for side in ("a", "b")]
    assert words[0].count(gone) == len(pictures[0] - joined) - sum(not hit["shared"] for hit in found["a"]["hits"])
    assert words[1].count(new) == len(pictures[1] - joined)
    first = found["b"]["hits"][0]
    expected = "=" if first["other"] == 1 else f"▲{first['other'] - 1}" if first["other"] and first["other"] <= 20 else new
    assert words[1][0] == expected
    assert_accessible(page)


def test_precision_and_labels_are_said(visit: Any, pair: Any, address: Any) -> None:
    page = visit(address("circle-00.jpg", k="10"), at=pair)
    page.locator(".ranked-hit").nth(19).wait_for()
    for side in ("a", "b"):
        column = page.locator(f'.pair-side[data-side="{side}"]')
        right = column.locator(".is-right").count()
        assert right + column.locator(".is-wrong").count() == 10
        assert f"{10 * right}% of them are" in column.inner_text()


def test_a_picture_is_followed_from_one_answer_to_the_other(visit: Any, pair: Any, address: Any) -> None:
    page = visit(address("square-00.jpg"), at=pair)
    page.locator(".ranked-hit").nth(39).wait_for()
    picture = page.locator(".pair-lines path").first.get_attribute("data-picture")
    hit = page.locator(f'[data-side="a"] [data-picture="{picture}"]')
    hit.hover()
    assert page.evaluate(MARKED) == ["a", "b"]
    assert page.locator(".pair-lines path.is-on").count() == 1
    page.mouse.move(0, 0)
    assert page.evaluate(MARKED) == []
    hit.locator("button").focus()
    assert page.evaluate(MARKED) == ["a", "b"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('[data-side]').dataset.side") == "b"
    assert page.evaluate("document.activeElement.closest('.ranked-hit').dataset.picture") == picture
    place = page.evaluate("[...document.activeElement.closest('ol').children].indexOf(document.activeElement.closest('li'))")
    page.keyboard.press("ArrowDown" if place == 0 else "ArrowUp")
    moved = page.evaluate("[...document.activeElement.closest('ol').children].indexOf(document.activeElement.closest('li'))")
    assert abs(moved - place) == 1


def test_a_picture_that_is_dropped_is_compared_and_survives_a_reload(visit: Any, pair: Any, shapes: Path, tmp_path: Path) -> None:
    page = visit("/compare?a=shapes&b=shapes-photo", at=pair)
    page.locator(".start").wait_for()
    page.locator('.field input[type="file"]').first.set_input_files(shapes / "triangle" / "triangle-03.jpg")
    page.locator(".ranked-hit").nth(39).wait_for()
    assert "q=u%3A" in page.url or "q=u:" in page.url
    names = page.locator(".ranked img").evaluate_all("images => images.map((image) => image.alt)")
    page.reload()
    page.locator(".ranked-hit").nth(39).wait_for()
    assert page.locator(".ranked img").evaluate_all("images => images.map((image) => image.alt)") == names
    page.go_back()
    page.locator(".start:not([hidden])").wait_for()


def test_a_result_is_the_next_query(visit: Any, pair: Any, address: Any) -> None:
    page = visit(address("circle-00.jpg"), at=pair)
    hit = page.locator('[data-side="b"] .ranked-hit').nth(1)
    hit.wait_for()
    name = hit.locator("img").get_attribute("alt")
    hit.locator("button").click()
    page.locator(".tray").get_by_text(name).wait_for()
    page.wait_for_load_state("networkidle")
    assert name not in page.locator('[data-side="b"] img').evaluate_all("images => images.map((image) => image.alt)")


def test_the_collections_are_chosen_and_swapped(visit: Any, pair: Any, address: Any) -> None:
    page = visit(address("circle-00.jpg"), at=pair)
    page.locator(".ranked-hit").nth(39).wait_for()
    heads = page.locator(".pair-head h2")
    assert heads.all_inner_texts() == ["small", "photo"]
    page.get_by_role("button", name="Swap them").click()
    page.locator('[data-side="a"] h2').filter(has_text="photo").wait_for()
    assert heads.all_inner_texts() == ["photo", "small"]
    page.locator(".choice select").first.select_option("shapes")
    page.locator('[data-side="a"] h2').filter(has_text="small").wait_for()


def test_an_entry_of_the_confusion_lists_its_queries(visit: Any, pair: Any, address: Any, assert_accessible: Any) -> None:
    page = visit(address("circle-00.jpg"), at=pair)
    matrices = page.locator(".matrices svg")
    matrices.nth(1).wait_for()
    assert "Computed from 34 queries, drawn from 34 labelled pictures" in page.locator(".confusions").inner_text()
    page.locator(".confusions .tools button").first.click()
    page.locator(".entry-query").first.wait_for()
    pair_of = page.locator(".confusions .tools button").first.locator("bdi").all_inner_texts()
    assert page.locator(".entry-details h3").inner_text().replace("\u2068", "").replace("\u2069", "") == (
        f"Queries “{pair_of[0]}” that find “{pair_of[1]}”"
    )
    assert page.locator(".matrices rect.chosen").count() == 2
    assert_accessible(page, ".confusions")
    page.reload()
    page.locator(".entry-query").first.wait_for()  # the address keeps the entry
    assert page.locator(".matrices rect.chosen").count() == 2
    matrices.first.focus()
    row, column = (int(page.locator("rect.chosen").first.get_attribute(f"data-{name}")) for name in ("row", "column"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("rect.chosen").first
    assert (chosen.get_attribute("data-row"), chosen.get_attribute("data-column")) == (
        str(min(2, row + 1)),
        str(min(2, column + 1)),
    )


def test_a_click_on_a_found_picture_compares_by_it(visit: Any, pair: Any) -> None:
    page = visit("/compare?a=shapes&b=shapes-photo", at=pair)
    page.locator(".confusions .tools button").first.click()
    found = page.locator(".entry-found a").first
    name = found.locator("img").get_attribute("alt")
    found.click()
    page.locator(".tray").get_by_text(name).wait_for()
    page.locator(".ranked-hit").nth(39).wait_for()


def test_collections_of_other_pictures_say_that_nothing_is_common(visit: Any, gallery: Any) -> None:
    page = visit("/compare?a=scenes&b=shapes", at=gallery)
    page.get_by_text("no picture in common").wait_for()


@pytest.mark.parametrize("language", ["en", "uk"])
def test_one_collection_alone_says_how_another_is_made(visit: Any, site: Any, assert_accessible: Any, language: str) -> None:
    page = visit("/compare", at=site, language=language)
    page.locator("pre").wait_for()
    assert "podoba serve photos.podoba photos-2.podoba" in page.locator("pre").inner_text()
    assert_accessible(page)
