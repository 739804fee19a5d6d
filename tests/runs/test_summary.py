from __future__ import annotations

import json
from dataclasses import fields

import pytest

from podoba.errors import TrainingError
from podoba.files import write_json
from podoba.runs.run_folder import RunFolder
from podoba.runs.summary import RunSummary


def test_a_summary_is_read_back_from_keys_that_are_those_of_the_fields(folder: RunFolder, summary: RunSummary) -> None:
    write_json(folder.summary, summary.to_json())
    assert folder.read_summary() == summary
    assert list(json.loads(folder.summary.read_text(encoding="utf-8"))) == [field.name for field in fields(RunSummary)]
    assert summary.to_json()["min_validation_loss"] is None


@pytest.mark.parametrize("text", ["{", "3", '{"run": "here"}', '{"unknown": 1}'])
def test_a_damaged_summary_raises(text: str, folder: RunFolder) -> None:
    folder.summary.write_text(text, encoding="utf-8")
    with pytest.raises(TrainingError, match="damaged"):
        folder.read_summary()
