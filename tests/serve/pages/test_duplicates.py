"""The review of duplicates in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.serve.jobs.report import Report
from podoba.serve.review.finding import find

from ..conftest import Site
from ..review.conftest import draw_copies

AT = "/collections/pictures/duplicates"
PAGE = "/c/pictures/duplicates"
COUNT = "#review-count"
SURFACES = [("en", "light"), ("uk", "dark")]


def index(folder: Path) -> Path:
    """A collection of the pictures in a folder, with its duplicates found."""
    path = folder / "pictures.podoba"
    with Collection.open(path, create=True) as opened:
        opened.update([folder / "pictures"], "small")
    find(path, {}, Report(lambda said: None))
    return path


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    draw_copies(folder / "pictures")
    return index(folder)


@pytest.fixture(scope="module")
def shared(copies: Path, serve: Any) -> Iterator[Site]:
    with serve([copies], show_paths=True) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Site:
    """With nothing decided."""
    with shared.client() as client:
        while client.post(f"{AT}/undo", json={}).status_code == 200:
            pass
    return shared


@pytest.fixture
def open_review(visit: Any, site: Site) -> Callable[..., Any]:
    """Opens the review, and waits for a group."""

    def open_page(query: str = "", **options: Any) -> Any:
        page = visit(f"{PAGE}{query}", at=options.pop("at", site), **options)
        page.locator(".member img").first.wait_for()
        return page

    return open_page


def decided(page: Any, count: int, of: int = 6) -> None:
    """Wait until so many groups are decided, in either language."""
    page.wait_for_function(
        "([at, count, of]) => { const said = document.querySelector(at)?.textContent.match(/\\d+/g); "
        "return said && Number(said[0]) === count && Number(said[1]) === of; }",
        arg=[COUNT, count, of],
    )


def kept(site: Site) -> list[list[str]]:
    """Names of what stays of each decided group, as the server has it."""
    with site.client() as client:
        groups = client.get(f"{AT}/groups", params={"state": "decided"}).json()["groups"]
    return [[item["name"] for item in group["items"] if item["stays"]] for group in groups]


def names(page: Any) -> list[str]:
    found: list[str] = page.locator(".member .name").all_inner_texts()
    return found


@pytest.mark.parametrize(("language", "theme"), SURFACES)
def test_groups_are_decided_by_keys_alone(
    open_review: Any, site: Site, language: str, theme: str, assert_accessible: Callable[[Any], None]
) -> None:
    page = open_review(language=language, theme=theme)
    assert page.evaluate("document.activeElement.className") == "review-group"
    assert_accessible(page)
    first, second = names(page)
    page.keyboard.press("2")
    assert page.locator(".member").nth(0).get_attribute("class") == "member goes"
    page.keyboard.press("Enter")
    decided(page, 1)
    assert kept(site) == [[second]]
    assert names(page) != [first, second], "the next group is in view"
    page.keyboard.press("a")  # not duplicates
    decided(page, 2)
    page.keyboard.press("Shift+2")
    page.keyboard.press("k")
    decided(page, 3)
    assert sorted(len(names) for names in kept(site)) == [1, 2, 2]
    page.keyboard.press("u")
    decided(page, 2)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    decided(page, 0)
    assert kept(site) == []
    assert names(page) == [first, second], "what was taken back is in view"
    assert page.evaluate("document.activeElement.className") == "review-group"


def test_what_is_put_off_comes_last_and_the_arrows_move(open_review: Any) -> None:
    page = open_review()
    first = names(page)
    page.keyboard.press("ArrowRight")
    page.get_by_text("2 of 6", exact=True).wait_for()
    second = names(page)
    assert second != first
    page.keyboard.press("ArrowLeft")
    page.get_by_text("1 of 6", exact=True).wait_for()
    assert names(page) == first
    page.keyboard.press("l")
    page.locator(".member").get_by_text(second[0], exact=True).wait_for()
    assert names(page) == second
    for _ in range(5):
        page.keyboard.press("n")
    page.get_by_text("6 of 6", exact=True).wait_for()
    assert names(page) == first


@pytest.mark.parametrize(("language", "theme"), SURFACES)
def test_safe_groups_are_decided_at_once_after_an_overview_and_taken_back(
    open_review: Any, site: Site, language: str, theme: str, assert_accessible: Callable[[Any], None]
) -> None:
    page = open_review(language=language, theme=theme)
    page.locator("#main button", has=page.locator(".icon")).first.click()
    overview = page.locator("dialog")
    overview.locator(".sample img").first.wait_for()
    assert overview.locator(".sample li").count() == 4
    assert "4" in overview.locator(".lead").inner_text()
    assert_accessible(page)
    with page.expect_download() as download:
        overview.locator("a[download]").click()
    assert Path(download.value.path()).read_text(encoding="utf-8").count("remove") == 4
    assert kept(site) == [], "the overview decides nothing"
    overview.locator("input").first.uncheck()
    page.wait_for_function("() => document.querySelectorAll('dialog .sample li').length === 2")
    overview.locator("input").first.check()
    page.wait_for_function("() => document.querySelectorAll('dialog .sample li').length === 4")
    overview.locator("button.primary").click()
    decided(page, 4)
    assert len(kept(site)) == 4
    page.locator(".toast button").click()
    decided(page, 0)
    assert kept(site) == []


def test_a_reload_keeps_what_was_decided_and_the_group_in_view(open_review: Any) -> None:
    page = open_review("?kind=same+picture&kind=identical")
    page.keyboard.press("Enter")
    decided(page, 1, 4)
    page.keyboard.press("ArrowRight")
    page.get_by_text("2 of 3", exact=True).wait_for()
    before = names(page)
    page.reload()
    decided(page, 1, 4)
    assert names(page) == before
    page.locator("summary").click()
    page.locator(".history button").click()
    decided(page, 0, 4)


def test_kinds_and_groups_inside_one_folder_are_filtered(open_review: Any) -> None:
    page = open_review()
    page.get_by_role("button", name="Same picture").click()
    decided(page, 0, 2)
    page.get_by_label("Hide groups inside one folder").check()
    decided(page, 0, 1)
    assert names(page) == ["2.png", "2-small.jpg"]
    page.go_back()
    decided(page, 0, 2)
    page.keyboard.press("Enter")
    page.get_by_label("Show decided groups").check()
    page.get_by_text("Decided", exact=True).wait_for()


def test_a_second_window_does_not_write_over_the_first(open_review: Any, site: Site) -> None:
    first, second = open_review(), open_review(expected=("409",))
    before = names(first)
    first.keyboard.press("Enter")
    decided(first, 1)
    second.bring_to_front()
    second.keyboard.press("2")
    second.keyboard.press("Enter")
    second.get_by_text("another window").first.wait_for()
    assert kept(site) == [before[:1]]
    assert names(second) != before, "it goes on with what is open"


def test_two_of_a_group_are_compared_and_the_focus_returns(open_review: Any, assert_accessible: Callable[[Any], None]) -> None:
    page = open_review("?kind=cropped+or+edited")
    page.keyboard.press("c")
    page.locator("dialog .viewer-picture img").nth(1).wait_for()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.className === 'review-group'")


def test_duplicates_are_found_from_the_page(copies: Path, serve: Any, visit: Any, tmp_path: Path) -> None:
    place = shutil.copy(copies, tmp_path / "pictures.podoba")
    with serve([Path(place)]) as site:
        page = visit(PAGE, at=site)
        page.get_by_label("Nearly the same").uncheck()
        page.get_by_role("button", name="Find duplicates").click()
        page.locator(".member img").first.wait_for()
        decided(page, 0)
        page.close()


def test_a_decided_group_comes_back_with_a_new_picture(serve: Any, open_review: Any, tmp_path: Path) -> None:
    draw_copies(tmp_path / "pictures")
    path = index(tmp_path)
    with serve([path]) as site:
        page = open_review(at=site)
        best = names(page)[0]
        page.keyboard.press("Enter")
        decided(page, 1)
        (tmp_path / "pictures" / "phone" / "third.png").write_bytes((tmp_path / "pictures" / "album" / best).read_bytes())
        index(tmp_path)
        page.goto(f"{site.address}{PAGE}")
        page.locator(".member").nth(2).wait_for()
        assert "third.png" in names(page)
        assert page.get_by_text("New picture in a group you decided").is_visible()
        assert page.get_by_text("New here").count() == 1
        decided(page, 0)
        page.keyboard.press("Enter")
        decided(page, 1)
        page.close()


def test_files_are_moved_only_after_it_was_said_what_happens(serve: Any, open_review: Any, tmp_path: Path) -> None:
    draw_copies(tmp_path / "pictures")
    path = index(tmp_path)
    before = sorted(file.name for file in (tmp_path / "pictures").rglob("*.*"))
    with serve([path], allow_changes=True) as site:
        page = open_review(at=site)
        going = names(page)[1]
        page.keyboard.press("Enter")
        decided(page, 1)
        page.get_by_role("button", name="Move files").click()
        said = page.locator("dialog")
        said.get_by_text("pictures-duplicates").wait_for()
        assert "Nothing is deleted" in said.inner_text()
        assert sorted(file.name for file in (tmp_path / "pictures").rglob("*.*")) == before, "not before it is agreed"
        said.get_by_role("button", name="Move 1 file").click()
        said.get_by_text("1 file was moved").wait_for()
        assert [file.name for file in (tmp_path / "pictures-duplicates").rglob("*.png")] == [going]
        said.get_by_role("button", name="Close").last.click()
        decided(page, 0, 5)
        page.get_by_role("button", name="Move files").click()
        said.get_by_role("button", name="Put 1 file back").click()
        said.get_by_text("1 file is back").wait_for()
        assert sorted(file.name for file in (tmp_path / "pictures").rglob("*.*")) == before
        said.get_by_role("button", name="Close").last.click()
        decided(page, 1)
        page.close()


def test_without_leave_nothing_offers_to_move(open_review: Any) -> None:
    assert open_review().get_by_role("button", name="Move files").count() == 0


@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_nothing_reaches_beyond_the_window(open_review: Any, width: int, assert_accessible: Callable[[Any], None]) -> None:
    page = open_review(width=width, language="uk")
    assert_accessible(page)
    page.keyboard.press("c")
    page.locator("dialog .viewer-picture img").nth(1).wait_for()


def test_the_queue_keeps_its_place_whatever_is_taken_out(visit: Any) -> None:
    page = visit("/")
    found = page.evaluate(
        """async () => {
          const { Queue } = await import("/static/components/review/queue.js");
          const all = "abcdefghijkl".split("").map((group) => ({ group }));
          const load = async (after) => {
            const start = after ? all.findIndex((one) => one.group === after) + 1 : 0;
            const groups = all.slice(start, start + 3);
            return { groups, total: all.length, next: start + 3 < all.length ? groups.at(-1).group : null };
          };
          const queue = new Queue(load);
          await queue.begin();
          const seen = [];
          const see = () => seen.push(queue.current?.group ?? "-");
          see(); await queue.remove(); see(); await queue.putOff(); see(); await queue.move(-1); see();
          for (let n = 0; n < 12; n++) await queue.move(1);
          see();
          for (let n = 0; n < 12; n++) await queue.remove();
          see();
          return [seen.join(""), queue.total];
        }"""
    )
    assert found == ["abccb-", 0]
