"""The list of studies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invented_study import finish, write_study
from podoba.study.folder import StudyFolder

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("uk", "dark", 360)])
def test_studies_are_cards_that_say_how_far_they_have_come(
    visit: Any, serve: Any, assert_accessible: Any, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    done = write_study(tmp_path / "done", title="<i>Losses</i>", seeds=[0])
    begun = write_study(tmp_path / "begun", failed={(1, 1): "diverged"}, begun={(0, 0): 2}, title="Begun")
    broken = write_study(tmp_path / "broken")
    StudyFolder(broken).plan.write_text("[", encoding="utf-8")
    with serve([], [done, begun, broken]) as site:
        page = visit("/studies", at=site, language=language, theme=theme, width=width)
        cards = page.locator(".card.study")
        cards.nth(2).wait_for()
        states = {"en": ["finished", "running", "cannot be read"], "uk": ["завершено", "триває", "не читається"]}
        assert cards.locator(".state").all_inner_texts() == states[language]
        assert cards.nth(0).locator("h2").inner_text() == "<i>Losses</i>"
        counts = {"en": "2 trainings done, 1 failed, 1 to come", "uk": "2 навчання завершено, не вдалося: 1, 1 ще попереду"}
        assert counts[language] in cards.nth(1).inner_text()
        assert_accessible(page)
        cards.nth(0).locator("a").click()
        page.locator("h1").filter(has_text="<i>Losses</i>").wait_for()


def test_a_running_study_is_followed(visit: Any, serve: Any, tmp_path: Path) -> None:
    folder = write_study(tmp_path / "losses", begun={(0, 0): 2})
    with serve([], [folder]) as site:
        page = visit("/studies", at=site)
        page.get_by_text("3 trainings done, 1 to come").wait_for()
        finish(StudyFolder(folder).run("0-0"), 0, 0)
        page.get_by_text("4 trainings done").wait_for()
        assert page.locator(".state").inner_text() == "finished"


def test_without_a_study_it_says_how_one_is_made(visit: Any, serve: Any, assert_accessible: Any) -> None:
    with serve([]) as site:
        page = visit("/studies", at=site)
        page.locator(".empty").wait_for()
        assert "podoba study PLAN --out FOLDER" in page.locator("pre").inner_text()
        assert_accessible(page)
