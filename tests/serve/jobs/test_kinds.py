"""The kinds of jobs."""

from __future__ import annotations

import inspect

import pytest

from podoba.serve.jobs.kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_can_be_loaded_and_takes_collection_arguments_and_report(name: str) -> None:
    assert len(inspect.signature(KINDS[name].load()).parameters) == 3
