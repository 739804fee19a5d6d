"""The page in a browser: the system's chromium, without any network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from podoba.report.study.build import draw_report
from podoba.report.study.find.maps import Projection
from podoba.study.folder import Study


@pytest.fixture(scope="package")
def hostile() -> str:
    """A description that must be shown as it is, and not run."""
    return "<img src=http://elsewhere.example/x onerror=alert(1)>"


@pytest.fixture(scope="package")
def report(make_study: Callable[..., Study], flat: Projection, hostile: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the paper's grid, of which a training failed and another is not finished."""
    study = make_study(tmp_path_factory.mktemp("study"), failed=[(2, 1)], pending=[(6, 0)], description=hostile)
    return draw_report(study, project=flat).page


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
            "request",
            lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else self.faults.append(request.url),
        )
        self.page.goto(report.as_uri())


OpenPage = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[OpenPage]:
    """Opens the page; at the end nothing may have gone wrong, and no other host may have been contacted."""
    made: list[Visit] = []

    def open_page(**context: Any) -> Any:
        made.append(Visit(browser, report, **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **context}))
        return made[-1].page

    yield open_page
    for one in made:
        one.context.close()
        assert one.faults == []


@pytest.fixture
def column(visit: OpenPage) -> Callable[[Any, str, int], list[str]]:
    """Reads the texts of a column of a table on a page."""

    def read(page: Any, table: str, place: int) -> list[str]:
        texts: list[str] = page.locator(f'[data-table="{table}"] tbody tr > :nth-child({place})').all_inner_texts()
        return texts

    return read
