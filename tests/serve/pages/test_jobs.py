"""The page of jobs, and the sign of them on every page."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.lock import only_writer

pytestmark = pytest.mark.slow
SEEN = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def photos(tmp_path: Path, shapes: Path) -> Path:
    """A folder of 36 pictures and one that is none, which are indexed."""
    folder = Path(shutil.copytree(shapes, tmp_path / "photos"))
    (folder / "<i>broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    with Collection.open(tmp_path / "mine.podoba", create=True) as collection:
        collection.update([folder], "small")
    return folder


@pytest.fixture
def mine(serve: Any, photos: Path, tmp_path: Path) -> Iterator[Any]:
    """A server of that collection, and of one that is not there."""
    with serve([tmp_path / "mine.podoba", tmp_path / "new.podoba"]) as site:
        yield site


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_a_job_is_begun_paused_resumed_and_ends(
    visit: Any, mine: Any, assert_accessible: Any, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    look, pause, resume, none = {
        "en": ("Look for new pictures", "Pause", "Go on", "Nothing is being done"),
        "uk": ("Пошукати нові зображення", "Призупинити", "Продовжити", "Зараз нічого не виконується"),
    }[language]
    page = visit("/jobs", at=mine, language=language, theme=theme, width=width)
    page.get_by_text(none).wait_for()
    assert_accessible(page)
    with only_writer(tmp_path / "mine.podoba"):
        page.get_by_role("button", name=look).click()
        page.get_by_role("button", name=pause).focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=resume).wait_for()
        assert page.evaluate("document.activeElement.textContent") == resume  # the focus stays in the card
        page.keyboard.press("Enter")
        page.get_by_role("button", name=pause).wait_for()
        assert_accessible(page)
    page.locator(".job .good", has_text="Done" if language == "en" else "Готово").wait_for()
    assert ("36 pictures as before." if language == "en" else "36 зображень без змін.") in page.locator(".outcome").inner_text()
    assert page.locator(".outcome a").get_attribute("href") == "/c/mine/search"
    page.locator(".skipped summary").click()
    assert page.locator(".skipped tbody td").first.inner_text() == "<i>broken.jpg"
    assert_accessible(page)


def test_a_killed_job_says_so_and_is_started_again(visit: Any, mine: Any, tmp_path: Path) -> None:
    page = visit("/jobs", at=mine)
    jobs = mine.served.jobs
    with only_writer(tmp_path / "mine.podoba"):
        page.get_by_role("button", name="Look for new pictures").click()
        page.get_by_text("Another program is writing").wait_for()
        (process,) = jobs._processes.values()
        os.kill(process.pid, signal.SIGKILL)
        page.get_by_text("The work was ended from outside").wait_for()
    page.get_by_role("button", name="Start again").click()
    page.locator(".job .badge", has_text="Done").wait_for()


def test_a_job_is_stopped_and_what_it_did_is_kept(visit: Any, mine: Any, tmp_path: Path) -> None:
    page = visit("/jobs", at=mine)
    with only_writer(tmp_path / "mine.podoba"):
        page.get_by_role("button", name="Look for new pictures").click()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("What was done until then is kept.").wait_for()


def test_pictures_that_are_gone_are_taken_out_only_when_that_is_meant(
    visit: Any, mine: Any, photos: Path, assert_accessible: Any
) -> None:
    for kind in ("circle", "square"):
        for number in range(11):
            (photos / kind / f"{kind}-{number:02}.jpg").unlink()
    page = visit("/jobs", at=mine)
    page.get_by_role("button", name="Look for new pictures").click()
    page.get_by_text("22 pictures are no longer in their places").wait_for()
    page.get_by_role("button", name="Take them out").click()
    assert_accessible(page)
    page.get_by_role("button", name="Keep them").click()
    assert mine.client().get("/collections/mine").json()["items"] == 36
    page.get_by_role("button", name="Take them out").click()
    page.locator("dialog .danger").click()
    page.get_by_text("22 pictures no longer there").wait_for()
    assert mine.client().get("/collections/mine").json()["items"] == 14


def test_every_page_shows_that_something_is_being_done(visit: Any, mine: Any, tmp_path: Path) -> None:
    with only_writer(tmp_path / "mine.podoba"):
        begun = mine.client().post("/jobs", json={"kind": "index", "collection": "mine"}).json()
        page = visit("/help", at=mine)
        sign = page.locator(".job-indicator")
        sign.wait_for()
        assert sign.inner_text() == "1 job is going on"
        sign.click()
        page.get_by_text("Another program is writing").wait_for()
        mine.client().post(f"/jobs/{begun['id']}/stop")
        page.locator(".job-indicator").wait_for(state="hidden")


def test_the_page_goes_on_when_it_is_looked_at_again(visit: Any, mine: Any) -> None:
    page = visit("/jobs", at=mine)
    page.get_by_text("Nothing is being done").wait_for()
    page.evaluate(SEEN, True)
    mine.client().post("/jobs", json={"kind": "index", "collection": "mine"})
    page.wait_for_timeout(500)
    assert page.locator(".job").count() == 0  # its connection is given up
    page.evaluate(SEEN, False)
    page.locator(".job").wait_for()


def test_help_is_read_without_a_session_and_the_jobs_lead_to_the_sign_in(visit: Any, mine: Any) -> None:
    page = visit("/help", at=mine, signed_in=False, expected=("401",))
    page.wait_for_timeout(500)
    assert page.url.endswith("/help")
    page = visit("/jobs", at=mine, signed_in=False, expected=("401",))
    page.wait_for_url("**/session?next=%2Fjobs")
