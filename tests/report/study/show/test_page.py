"""The page as a person uses it, in a browser: switches, clicks, keys, downloads, both themes, both languages, no network."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.report.study.build import draw_report
from podoba.report.study.texts import catalogue
from podoba.study.folder import Study

SECTIONS = ("results", "curves", "maps", "confusion", "sheets", "samples", "findings", "honesty", "repeat")
BAD = "<img src=http://elsewhere.example/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def report(make_study: Callable[..., Study], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    study = make_study(folder, failed=[(2, 1)], pending=[(6, 0)])
    study.plan.__dict__["description"] = BAD
    with pytest.MonkeyPatch.context() as patch:  # UMAP compiles itself for many seconds
        patch.setattr("podoba.report.study.find.maps.umap_points", lambda descriptors: descriptors[:, 20:22].astype(np.float32))
        return draw_report(study).page


class Visit:
    """A page, and what went wrong on it."""

    def __init__(self, browser: Any, report: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.context.set_default_timeout(120_000)  # a machine that is busy with other tests is slow, not wrong
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on(
            "console", lambda message: self.faults.append(message.text) if message.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "request", lambda asked: None if asked.url.startswith(("file:", "data:", "blob:")) else self.faults.append(asked.url)
        )
        self.page.goto(report.as_uri())


OpenPage = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[OpenPage]:
    """Opens the page; at the end nothing may have gone wrong, and nothing may have been asked of another host."""
    made: list[Visit] = []

    def open_page(**context: Any) -> Any:
        made.append(Visit(browser, report, **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **context}))
        return made[-1].page

    yield open_page
    for one in made:
        one.context.close()
        assert one.faults == []


@pytest.mark.parametrize(
    ("theme", "locale", "language", "width"),
    [("light", "en-GB", "en", 1280), ("dark", "uk-UA", "uk", 1280), ("dark", "en-GB", "en", 390), ("light", "uk-UA", "uk", 390)],
)
def test_every_section_in_both_themes_and_languages(visit: OpenPage, theme: str, locale: str, language: str, width: int) -> None:
    page = visit(color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})
    texts = catalogue(language)
    assert page.locator("main > section").count() == len(SECTIONS)
    for name in SECTIONS:
        assert page.locator(f"#{name} h2").inner_text() == texts[f"{name}.title"]
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light == (theme == "light")
    assert page.locator("#description").inner_text() == BAD  # shown as it is, not run


def test_switches_change_language_and_theme_and_are_kept(visit: OpenPage) -> None:
    page = visit()
    page.click("#language")
    assert page.locator("#results h2").inner_text() == catalogue("uk")["results.title"]
    assert page.evaluate("document.activeElement.id") == "language"
    page.click("#theme")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("#results h2").inner_text() == catalogue("uk")["results.title"]
    page.click("#language")
    assert page.locator("#results h2").inner_text() == catalogue("en")["results.title"]


def column(page: Any, table: str, place: int) -> list[str]:
    found: list[str] = page.locator(f'[data-table="{table}"] tbody tr > :nth-child({place})').all_inner_texts()
    return found


def test_a_heading_sorts_by_click_and_by_key(visit: OpenPage) -> None:
    page = visit()
    heading = page.locator('[data-table="results"] button[data-column="knn_score"]')
    before = column(page, "results", 3)
    heading.click()
    falling = [float(text.split()[0]) for text in column(page, "results", 3)]
    assert falling == sorted(falling, reverse=True)
    assert page.locator('[data-table="results"] th[aria-sort="descending"]').count() == 1
    heading.press("Enter")
    rising = [float(text.split()[0]) for text in column(page, "results", 3)]
    assert rising == sorted(rising)
    assert sorted(before) == sorted(column(page, "results", 3))
    page.locator('[data-table="results"] button[data-column="variant"]').click()
    names = column(page, "results", 1)
    page.locator('[data-table="results"] button[data-column="variant"]').click()
    assert column(page, "results", 1) == names[::-1]
    assert [name.partition(",")[0] for name in names] == sorted(name.partition(",")[0] for name in names)


def test_every_table_is_downloaded_as_csv(visit: OpenPage, report: Path, tmp_path: Path) -> None:
    page = visit(accept_downloads=True)
    names = [one.get_attribute("data-table") for one in page.locator("figure.table").all()]
    assert set(names) >= {"results", "unfinished", "overfitting", "separation", "axes", "paper-form-triplet"}
    for name in names:
        with page.expect_download() as waiting:
            page.locator(f'[data-table="{name}"] .csv').click()
        assert waiting.value.suggested_filename == f"{name}.csv"
        waiting.value.save_as(tmp_path / f"{name}.csv")
    with (
        (tmp_path / "results.csv").open(encoding="utf-8") as file,
        (report.parent / "tables" / "results.csv").open(encoding="utf-8") as own,
    ):
        page_rows, file_rows = list(csv.DictReader(file)), list(csv.DictReader(own))
    assert list(page_rows[0]) == list(file_rows[0])
    for mine, theirs in zip(page_rows, file_rows, strict=True):
        assert mine["variant"] == theirs["variant"]
        assert float(mine["knn_score"]) == float(theirs["knn_score"])


def test_unfinished_trainings_are_shown_as_such(visit: OpenPage) -> None:
    page = visit()
    assert "Failed: 1. Not run yet: 1." in page.locator("#state").inner_text()
    assert column(page, "unfinished", 4) == ["the loss is no longer a number", ""]


def test_curves_are_switched_and_read(visit: OpenPage) -> None:
    page = visit()

    def lines(kind: str) -> int:
        return int(page.locator(f'#curves path.line[data-kind="{kind}"]').count())

    assert lines("training") == lines("validation") == 20  # also the begun one; the failed one has no epoch
    page.click('#curves [data-loss="training"]')
    assert (lines("training"), lines("validation")) == (0, 20)
    page.click('#curves .chip[data-variant="0"]')
    assert lines("validation") == 17
    assert page.locator("#curves circle.best").count() == 17
    page.get_by_role("button", name="none", exact=True).click()
    assert lines("validation") == 0
    page.get_by_role("button", name="all", exact=True).click()
    chart = page.locator("#curves svg.chart")
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "Epoch 11" in page.locator("#curves .readout").inner_text()
    chart.hover(position={"x": 70, "y": 100})
    assert "Epoch 1," in page.locator("#curves .readout").inner_text()


def test_each_loss_can_be_looked_at_by_itself_and_epochs_are_whole(visit: OpenPage) -> None:
    page = visit()
    page.click('#curves [data-only="triplet"]')
    on = page.locator('#curves .chip[data-variant][aria-pressed="true"]')
    names = page.evaluate("DATA.variants.map((variant) => variant.name)")
    assert on.all_inner_texts() == [name for name in names if name.startswith("triplet")]
    ticks = page.evaluate("[2, 3, 12, 40].map((last) => ticks(1, last, 10, true).values)")
    assert ticks[:2] == [[1, 2], [1, 2, 3]]
    assert all(isinstance(tick, int) for row in ticks for tick in row)


def test_the_losses_of_an_epoch_are_a_table_like_others(visit: OpenPage) -> None:
    page = visit(accept_downloads=True)
    page.locator("#curves svg.chart").focus()
    page.keyboard.press("Home")
    with page.expect_download() as waiting:
        page.locator('[data-table="losses-at-epoch"] .csv').click()
    assert waiting.value.suggested_filename == "losses-at-epoch.csv"
    heading = page.locator('[data-table="losses-at-epoch"] button[data-column="gap"]')
    heading.click()
    gaps = [float(text.replace("−", "-")) for text in column(page, "losses-at-epoch", 4)]
    assert gaps == sorted(gaps)


def test_columns_are_explained_without_a_pointer(visit: OpenPage) -> None:
    page = visit()
    told = page.locator('[data-table="results"] .meanings')
    told.locator("summary").press("Enter")
    assert catalogue("en")["quantity.map@r"] in told.inner_text()


def test_names_of_rows_stay_in_sight_when_a_table_is_moved_sideways(visit: OpenPage) -> None:
    page = visit(viewport={"width": 390, "height": 900})
    page.locator('[data-table="results"] .scroll').evaluate("box => { box.scrollLeft = 600; }")
    name = page.locator('[data-table="results"] tbody th').first
    assert name.bounding_box()["x"] < 60


def test_the_head_names_the_images(visit: OpenPage) -> None:
    text = visit().locator("#images").inner_text()
    assert text.startswith("Training images: digits. Test images: digits. RetrievalResults were ")
    assert "of 10 classes" in text


def test_there_is_no_zero_below_zero(visit: OpenPage) -> None:
    assert visit().evaluate("[number(-0.00001, 4), number(-0.3, 1)]") == ["0.0000", "−0.3"]


def test_the_chart_fills_the_width_there_is(visit: OpenPage) -> None:
    page = visit()
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function("Number(document.querySelector('#curves svg.chart').viewBox.baseVal.width) < 400")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_logarithmic_axis(visit: OpenPage) -> None:
    page = visit()
    page.click('#curves [data-loss="log"]')
    assert page.locator("#curves path.line").count() == 40


def test_maps_are_chosen_and_show_the_image_pointed_at(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#maps canvas[data-variant]").count() == 4
    page.click('#maps [data-map="5"]')
    assert page.locator("#maps canvas[data-variant]").count() == 5
    canvas = page.locator('#maps canvas[data-variant="5"]')
    canvas.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#tip img").count() == 1
    first = page.locator("#tip img").get_attribute("src")
    page.keyboard.press("ArrowRight")
    assert page.locator("#tip img").get_attribute("src") != first
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    place = page.evaluate("""() => {
      const map = DATA.maps.maps.find((one) => one.variant === 5);
      return [map.points[0] / 1000, 1 - map.points[1] / 1000];
    }""")
    box = canvas.bounding_box()
    edge = 14 / 560
    page.mouse.move(
        *(box[k] + box[s] * (edge + p * (1 - 2 * edge)) for k, s, p in zip("xy", ("width", "height"), place, strict=True))
    )
    assert page.locator("#tip").is_visible()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.click('#maps [data-class="3"]')
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before


def test_an_entry_of_the_matrix_lists_queries_of_both_models(visit: OpenPage) -> None:
    page = visit()
    key = page.evaluate("Object.keys(DATA.confusion.entries)[3]")
    row, line = key.split(",")
    page.click(f'#confusion svg[data-side="0"] rect[data-row="{row}"][data-column="{line}"]')
    assert page.locator("#confusion rect.chosen").count() == 2
    classes = page.evaluate("DATA.confusion.classes")
    assert page.locator("#entry h3").inner_text() == f"Query {classes[int(row)]}, retrieved {classes[int(line)]}"
    assert page.locator("#entry .entry").count() >= 1
    first = page.locator("#entry .entry").first
    assert first.locator("h4").count() == 2
    assert first.locator("img").count() >= 2
    assert page.locator("#confusion select").nth(1).input_value() == "3"  # the first variant of another loss
    page.locator("#confusion select").nth(1).select_option("4")
    assert page.locator("#confusion select").nth(1).evaluate("list => list === document.activeElement")
    shown = page.evaluate("variantName(DATA.confusion.matrices[4].variant)")
    assert first.locator("h4").nth(1).inner_text().startswith(shown)
    page.locator('#confusion svg[data-side="0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#confusion rect.chosen").first
    assert (chosen.get_attribute("data-row"), chosen.get_attribute("data-column")) == (
        str(min(9, int(row) + 1)), str(min(9, int(line) + 1)),
    )  # fmt: skip


def test_sheets_show_one_query_under_every_variant(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#sheet .sheet").count() == 7
    assert page.locator("#sheet .sheet").first.locator("img").count() == 10
    kinds = page.locator('#sheet [role="radio"][data-value]')
    kinds.nth(1).click()
    assert page.locator('#sheet [aria-checked="true"][data-value]').get_attribute("data-value") == "hardest"
    page.keyboard.press("ArrowRight") if page.evaluate("document.activeElement.dataset.value") else kinds.nth(1).press(
        "ArrowRight"
    )
    assert page.locator('#sheet [aria-checked="true"][data-value]').get_attribute("data-value") == "changed"
    page.locator("#sheet .pick").nth(2).click()
    page.keyboard.press("ArrowRight")
    assert page.locator('#sheet .pick[aria-checked="true"]').get_attribute("data-query") == "3"
    right, wrong = page.locator("#sheet .frame.right").count(), page.locator("#sheet .frame.wrong").count()
    assert right + wrong == 70
    assert wrong > 0


def test_findings_say_what_they_rest_on(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#findings .claim").count() == 10
    assert page.locator("#findings .untested .claim").count() == 2
    page.locator("#findings .untested > summary").click()
    overfits = page.locator('[data-claim="triplet-overfits-less"]')
    assert overfits.locator(".badge").first.inner_text() == "✓ supported"
    assert "seeds: 3" in overfits.inner_text()
    overfits.locator("summary").first.click()
    assert overfits.locator("details[open] li").count() == 3
    assert "not tested by this study" in page.locator('[data-claim="truck-automobile"]').inner_text()


def test_everything_is_reached_by_the_keyboard(visit: OpenPage) -> None:
    """Tab goes through the page and never gets stuck; what has the focus shows it."""
    page = visit()
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
          const one = document.activeElement;
          return [one.tagName + (one.id || one.textContent.slice(0, 20)), getComputedStyle(one).outlineStyle];
        }""")
        )
    assert len({name for name, _ in seen}) > 20
    assert {style for _, style in seen} == {"solid"}


def test_printing_is_light_and_unfolded(visit: OpenPage) -> None:
    page = visit(color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#results table").first.is_visible()
    assert page.locator("#curves .legend .chip[data-variant]").first.is_visible()  # else nobody knows which line is which
    assert page.locator("#maps .legend [data-class]").first.is_visible()
    assert page.locator("#sheet .pick:visible").count() == 1  # the query of the results below it
    assert page.locator("#confusion [data-entry]").first.is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html").get_attribute("data-theme") == "dark"
