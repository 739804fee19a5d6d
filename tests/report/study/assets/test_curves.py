"""Learning curves: switched, read, fitted to the width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OpenPage = Callable[..., Any]
ReadColumn = Callable[[Any, str, int], list[str]]


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


def test_each_loss_can_be_shown_alone_and_epochs_are_whole(visit: OpenPage) -> None:
    page = visit()
    page.click('#curves [data-only="triplet"]')
    on = page.locator('#curves .chip[data-variant][aria-pressed="true"]')
    names = page.evaluate("DATA.variants.map((variant) => variant.name)")
    assert on.all_inner_texts() == [name for name in names if name.startswith("triplet")]
    ticks = page.evaluate("[2, 3, 12, 40].map((last) => ticks(1, last, 10, true).values)")
    assert ticks[:2] == [[1, 2], [1, 2, 3]]
    assert all(isinstance(tick, int) for row in ticks for tick in row)


def test_the_losses_of_an_epoch_are_a_table_like_others(visit: OpenPage, column: ReadColumn) -> None:
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


def test_the_chart_fills_the_width_there_is(visit: OpenPage) -> None:
    page = visit()
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function("Number(document.querySelector('#curves svg.chart').viewBox.baseVal.width) < 400")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_logarithmic_axis(visit: OpenPage) -> None:
    page = visit()
    page.click('#curves [data-loss="log"]')
    assert page.locator("#curves path.line").count() == 40
