from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import SettingsError, TrainingError
from podoba.files import write_json
from podoba.runs.history import Epoch, write_history
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings_file import check_settings, write_yaml
from podoba.runs.summary import RunSummary


def test_files_lie_directly_in_the_folder_under_names_of_their_own(folder: RunFolder) -> None:
    paths = [value for name in vars(RunFolder) if isinstance(value := getattr(folder, name), Path)]
    assert len(set(paths)) == len(paths) > 10
    assert {path.parent for path in paths} == {folder.path, folder.path / "figures"}


def test_a_run_is_finished_with_its_summary(folder: RunFolder, summary: RunSummary) -> None:
    assert not folder.finished
    write_json(folder.summary, summary.to_json())
    assert folder.finished
    assert folder.read_summary() == summary


def test_what_is_written_is_read_back(folder: RunFolder) -> None:
    settings = check_settings({"train": "photos", "loss": {"name": "triplet"}})
    rows = [Epoch(1, 0.5, None, 1e-3, 2.0), Epoch(2, 0.25, 0.5, 1e-4, 1.0)]
    write_yaml(settings, folder.settings)
    write_history(rows, folder.history)
    write_json(folder.evaluation, {"judged_on": "test", "map@r": 0.5})
    write_json(folder.environment, {"python": "3.11"})
    assert folder.read_settings() == settings
    assert folder.read_history() == rows
    assert folder.read_evaluation() == {"judged_on": "test", "map@r": 0.5}
    assert folder.read_environment() == {"python": "3.11"}


def test_an_empty_folder_has_no_epochs_and_no_results(folder: RunFolder) -> None:
    assert folder.read_history() == []
    assert folder.read_retrieval_results() is None
    with pytest.raises(SettingsError, match=r"settings\.yaml"):
        folder.read_settings()


READERS: dict[str, Callable[[RunFolder], object]] = {
    "summary.json": RunFolder.read_summary,
    "history.csv": RunFolder.read_history,
    "evaluation.json": RunFolder.read_evaluation,
    "environment.json": RunFolder.read_environment,
    "retrieval.npz": RunFolder.read_retrieval_results,
}


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("content", [b"", b"[1]", b"a,b\n1,2\n", b"PK\x03\x04 damaged", b"\xff\xfe"])
def test_a_damaged_file_is_named_in_one_line(file: str, content: bytes, folder: RunFolder) -> None:
    (folder.path / file).write_bytes(content)
    with pytest.raises(TrainingError, match=rf"{file}: damaged .*: delete this folder and train again") as caught:
        READERS[file](folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("module", ["podoba.runs.run_folder", "podoba.study.folder", "podoba.report.study.build"])
def test_runs_are_read_without_torch(module: str) -> None:
    code = f"import sys, {module}; print([name for name in ('torch', 'timm', 'onnx') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
