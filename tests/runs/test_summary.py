from __future__ import annotations

import json
from dataclasses import fields

import pytest

from podoba.runs.run_folder import RunFolder
from podoba.runs.summary import RunSummary, read_summary, write_summary


def test_a_summary_is_read_back(folder: RunFolder, summary: RunSummary) -> None:
    write_summary(summary, folder.summary)
    assert read_summary(folder.summary) == summary


def test_the_keys_are_those_of_the_fields(folder: RunFolder, summary: RunSummary) -> None:
    write_summary(summary, folder.summary)
    assert list(json.loads(folder.summary.read_text(encoding="utf-8"))) == [field.name for field in fields(RunSummary)]
    assert summary.to_json()["min_validation_loss"] is None


@pytest.mark.parametrize("text", ["{", "3", '{"run": "here"}', '{"unknown": 1}'])
def test_a_damaged_summary_raises(text: str, folder: RunFolder) -> None:
    folder.summary.write_text(text, encoding="utf-8")
    with pytest.raises((ValueError, TypeError)):
        read_summary(folder.summary)
