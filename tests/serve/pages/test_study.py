"""A study: how far it has come, its scores and losses, and its report, which is apart from the page and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from invented_study import finish, write_study
from podoba.study.folder import StudyFolder

pytestmark = pytest.mark.slow
# A report that tries what none should be able to do, and writes down what came of it.
PRYING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>report</title><h1>Report</h1><ul id="log"></ul><script>
const log = (text) => document.getElementById("log").append(Object.assign(document.createElement("li"), {textContent: text}));
const attempt = async (name, act) => { try { await act(); log(name + " WORKED"); } catch { log(name + " failed"); } };
(async () => {
  await attempt("fetch", () => fetch("/api/v1/studies", {credentials: "include"}));
  await attempt("parent", () => (parent === self ? opener : parent).document.title);
  await attempt("cookie", () => document.cookie);
  await attempt("storage", () => localStorage.length);
  await attempt("frame", () => new Promise((done, fail) => {
    const frame = document.createElement("iframe");
    frame.src = "/studies";
    frame.onload = () => { try { frame.contentDocument.title.length ? done() : fail(); } catch { fail(); } };
    document.body.append(frame);
    setTimeout(fail, 1000);
  }));
  log("origin " + self.origin);
  log("search " + location.search);
  document.title = "done";
})();
</script></html>"""


@pytest.fixture
def study(serve: Any, tmp_path: Path) -> Iterator[Callable[..., tuple[Any, Path]]]:
    """Serves a study: its site and folder."""
    started: list[Any] = []

    def start(**options: Any) -> tuple[Any, Path]:
        folder = write_study(tmp_path / "losses", **options)
        started.append(serve([], [folder]))
        return started[-1].__enter__(), folder

    yield start
    for one in started:
        one.__exit__(None, None, None)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_scores_losses_and_trainings_are_shown(
    visit: Any, study: Any, assert_accessible: Any, language: str, theme: str, width: int
) -> None:
    site, _ = study(seeds=(0, 1, 2), failed={(1, 1): "the loss is no longer a number"}, begun={(1, 2): 3})
    page = visit("/studies/losses", at=site, language=language, theme=theme, width=width)
    page.locator("#scores .scores li").nth(1).wait_for()
    assert page.locator("#scores .score-name").all_inner_texts() == ["triplet", "cross-entropy"]
    point = "." if language == "en" else ","
    assert page.locator("#scores .score-value").first.inner_text().startswith(f"0{point}910")
    assert page.locator("#losses path.line").count() == 10  # training and validation of four, and of the begun one
    table = page.locator('[data-table="trainings"]')
    assert "the loss is no longer a number" in table.inner_text()
    assert ("epoch 3 of 16" if language == "en" else "епоха 3 з 16") in table.inner_text()
    assert "podoba report FOLDER" in page.locator("#report pre").inner_text()
    assert_accessible(page)


def test_a_score_is_chosen_and_the_address_keeps_it(visit: Any, study: Any) -> None:
    site, _ = study()
    page = visit("/studies/losses", at=site)
    page.locator("#scores select").select_option("min_validation_loss")
    page.get_by_text("The lowest loss on held-out images").first.wait_for()
    assert page.url.endswith("?score=min_validation_loss")
    assert page.locator(".score-name").first.inner_text() == "triplet"  # here the lower one is the better one
    page.reload()
    page.locator(".scores li").first.wait_for()
    assert page.locator("#scores select").input_value() == "min_validation_loss"


def test_the_table_of_scores_sorts_and_is_downloaded(visit: Any, study: Any, tmp_path: Path) -> None:
    site, _ = study()
    page = visit("/studies/losses", at=site)
    heading = page.locator('[data-table="scores"] button[data-column="knn_score"]')
    heading.click()
    heading.press("Enter")
    assert page.locator('[data-table="scores"] tbody th').all_inner_texts() == ["cross-entropy", "triplet"]
    with page.expect_download() as waiting:
        page.locator('[data-table="scores"] .csv').click()
    waiting.value.save_as(tmp_path / "scores.csv")
    lines = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("variant,trainings,knn_score,knn_score_low,knn_score_high,knn_score_n")
    assert [line.split(",")[0] for line in lines[1:]] == ["cross-entropy", "triplet"]


def test_variants_are_hidden_and_losses_read_by_keys(visit: Any, study: Any) -> None:
    site, _ = study()
    page = visit("/studies/losses", at=site)
    chart = page.locator("#losses svg.chart")
    chart.wait_for()
    page.locator("#losses .legend button").first.click()
    assert page.locator("#losses path.line").count() == 4
    assert page.locator("#losses .legend button").first.get_attribute("aria-pressed") == "false"
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    readout = page.locator("#losses .readout")
    assert readout.inner_text().startswith("Epoch 7:")
    assert readout.locator(".loss").all_inner_texts()[0].startswith("cross-entropy")


def test_a_running_study_is_followed_without_a_reload(visit: Any, study: Any) -> None:
    site, folder = study(begun={(0, 0): 2})
    page = visit("/studies/losses", at=site)
    page.get_by_text("3 trainings done, 1 to come").wait_for()
    page.locator("#losses .legend button").nth(1).focus()
    finish(StudyFolder(folder).run("0-0"), 0, 0)
    page.get_by_text("4 trainings done").wait_for()
    assert page.locator("h1 .state").inner_text() == "finished"
    assert page.evaluate("document.activeElement.dataset.column") == "variant-1"  # the focus stays where it was


def test_a_server_that_does_not_answer_is_asked_again(visit: Any, study: Any) -> None:
    site, _ = study(begun={(0, 0): 2})
    page = visit("/studies/losses", at=site, expected=("ERR_FAILED",))
    page.get_by_text("3 trainings done, 1 to come").wait_for()
    page.route("**/api/v1/studies/losses", lambda route: route.abort())
    page.get_by_role("alert").filter(has_text="does not answer").wait_for()
    page.unroute("**/api/v1/studies/losses")
    page.get_by_text("3 trainings done, 1 to come").wait_for()
    assert page.locator("#losses").count() == 1


def test_the_report_runs_and_reaches_nothing(visit: Any, study: Any) -> None:
    site, _ = study(report=PRYING)
    # The browser says so in the console; and that it may not post to what is of no origin.
    forbidden = ("Content Security Policy", "Refused to", "Blocked", "sandboxed", "Framing")
    page = visit("/studies/losses", at=site, language="uk", theme="dark", expected=forbidden)
    frame = page.locator("#report iframe")
    frame.scroll_into_view_if_needed()
    inside = page.frame_locator("#report iframe")
    inside.locator("#log li").filter(has_text="search").wait_for()
    log = inside.locator("#log li").all_inner_texts()
    assert log == [
        "fetch failed", "parent failed", "cookie failed", "storage failed", "frame failed", "origin null",
        "search ?language=uk&theme=dark",
    ]  # fmt: skip


def test_the_report_reaches_nothing_in_a_tab_of_its_own(visit: Any, study: Any) -> None:
    site, _ = study(report=PRYING)
    forbidden = ("Content Security Policy", "Refused to", "Blocked", "sandboxed", "Framing")
    page = visit("/studies/losses", at=site, expected=forbidden)
    with page.context.expect_page() as opened:
        page.locator("#report a").click()
    tab = opened.value
    tab.locator("#log li").filter(has_text="search").wait_for()
    assert "fetch failed" in tab.locator("#log").inner_text()
    assert "origin null" in tab.locator("#log").inner_text()
    assert "WORKED" not in tab.locator("#log").inner_text()


def test_an_unknown_study_says_so(visit: Any, study: Any) -> None:
    site, _ = study()
    page = visit("/studies/none", at=site, expected=("404",))
    page.get_by_role("alert").filter(has_text="no study of this name").wait_for()
