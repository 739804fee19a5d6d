from __future__ import annotations

import pytest

from podoba.cli.executors import open_study_executor
from podoba.errors import PodobaError, SettingsError
from podoba.executor import ProcessExecutor


def test_trainings_run_one_after_another_unless_asked_otherwise() -> None:
    assert open_study_executor(None, None, is_search=False) is None
    assert open_study_executor(None, 1, is_search=True) is None
    several = open_study_executor(None, 3, is_search=False)
    assert isinstance(several, ProcessExecutor)
    assert several.workers == 3


@pytest.mark.parametrize(("on", "workers"), [("ray", None), (None, 2), ("ray:127.0.0.1:1", 2)])
def test_a_search_trains_one_after_another(on: str | None, workers: int | None) -> None:
    with pytest.raises(SettingsError, match="a search trains one after another"):
        open_study_executor(on, workers, is_search=True)


def test_a_cluster_that_is_away_is_one_line() -> None:
    with pytest.raises(PodobaError, match=r"127.0.0.1:1: no cluster can be reached there"):
        open_study_executor("ray:127.0.0.1:1", None, is_search=False)
