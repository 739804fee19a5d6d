from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from podoba.runs.settings_file import write_yaml
from podoba.study.cells import run_cell
from podoba.study.folder import StudyFolder, load_study, write_cell_list
from podoba.study.grid import tasks
from podoba.study.plan import Plan
from podoba.study.results import METRICS, SUMMARY, write_results

Make = Callable[..., Plan]


def test_a_row_is_what_the_run_wrote(make: Make, tmp_path: Path) -> None:
    plan = make(axes={"loss.name": ["cross-entropy", "proxy-anchor"]}, cells=[{"name": "wide", "set": {"head.dim": 16}}])
    all_tasks, files = tasks(plan), StudyFolder(tmp_path)
    write_cell_list(all_tasks, tmp_path)
    write_yaml(plan, files.plan)
    run_cell(all_tasks[0], tmp_path)
    run = files.run(all_tasks[1].key)
    run.path.mkdir()
    run.error.write_text("a fault\n", encoding="utf-8")
    assert write_results(load_study(tmp_path)) == files.results
    with files.results.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["variant"], row["loss.name"], row["cell"], row["seed"]) for row in rows] == [
        ("cross-entropy", "cross-entropy", all_tasks[0].key, "0"), ("proxy-anchor", "proxy-anchor", all_tasks[1].key, "0"),
        ("wide", "", all_tasks[2].key, "0"),
    ]  # fmt: skip
    assert [(row["status"], row["reason"]) for row in rows] == [("done", ""), ("failed", "a fault"), ("pending", "")]
    cell = load_study(tmp_path).cells[0]
    assert cell.summary is not None
    for field in SUMMARY:
        assert rows[0][field] == str(cell.summary.to_json()[field])
        assert rows[2][field] == ""
    for metric in METRICS:
        assert rows[0][metric] == str(cell.evaluation[metric])
