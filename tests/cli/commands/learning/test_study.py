from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

PLAN = {
    "title": "tiny",
    "base": {
        "train": "digits:train", "test": "digits:test", "limit_train": 120, "limit_test": 40, "epochs": 2, "batch_size": 40,
        "backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"}, "head": {"hidden": 16, "dim": 8},
    },
    "axes": {"loss.name": ["cross-entropy", "proxy-anchor"]},
    "seeds": [0, 1],
}  # fmt: skip


def podoba(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "podoba", *arguments], cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(PLAN), encoding="utf-8")
    return tmp_path


def test_the_grid_is_printed_run_and_reported(plan: Path) -> None:
    told = podoba("study", "plan.yaml", "--out", "s", "--dry-run", "--json", cwd=plan)
    assert told.returncode == 0, told.stderr
    cells = json.loads(told.stdout)["cells"]
    assert [(cell["variant"], cell["seed"]) for cell in cells] == [
        (loss, seed) for loss in ("cross-entropy", "proxy-anchor") for seed in (0, 1)
    ]
    assert not (plan / "s").exists()
    done = podoba("study", "plan.yaml", "--out", "s", "--json", "--seeds", "1", cwd=plan)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["cells"], result["finished"], result["failed"]) == (2, 2, [])
    assert Path(plan / result["report"]).stat().st_size > 10_000
    assert "cell 2/2: proxy-anchor, seed 0: finished" in done.stderr


@pytest.mark.thorough  # a cell that fails is tested in tests/study/test_run.py, exit status 1 in tests/cli
def test_a_failing_cell_ends_in_one_line_and_exit_1(plan: Path, traced: dict[str, str]) -> None:
    wrong = ("--set", "backbone.transfer=last:9")
    done = podoba("study", "plan.yaml", "--out", "s", "--no-report", "--seeds", "1", *wrong, cwd=plan, **traced)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: 2 of 2 trainings failed, the first, cross-entropy (seed 0): ")
    again = podoba("study", "plan.yaml", "--out", "s", "--no-report", cwd=plan)
    assert again.returncode == 1
    assert "add --resume" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("study", "missing.yaml", "--out", "s"), "the plan cannot be read"),
        (("study", "plan.yaml", "--out", "s", "--set", "head.dims=3"), "did you mean 'head.dim'"),
        pytest.param(("study", "plan.yaml", "--out", "s", "--train", "no-such-set"), "no-such-set", marks=pytest.mark.thorough),
        pytest.param(
            ("study", "claims.yaml", "--out", "s", "--train", "digits:train"), "did you mean cat-dog?", marks=pytest.mark.thorough
        ),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], part: str, plan: Path, traced: dict[str, str]) -> None:
    (plan / "claims.yaml").write_text("claims: [cats-dogs]\n", encoding="utf-8")
    done = podoba(*arguments, cwd=plan, **traced)
    assert done.returncode == 1
    assert part in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.thorough
def test_the_time_of_a_search_is_estimated_and_what_the_plan_varies_is_named(plan: Path, traced: dict[str, str]) -> None:
    search = {"ranges": {"optimizer.lr": {"low": 0.001, "high": 0.1}}, "trials": 3}
    told = {"base": PLAN["base"], "search": search}
    (plan / "search.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    given = ("--set", "optimizer.lr=0.5", "--set", "epochs=1")
    done = podoba("study", "search.yaml", "--out", "s", "--dry-run", *given, cwd=plan, **traced)
    assert done.returncode == 0, done.stderr
    assert "4 trainings, about " in done.stdout
    assert "3 trials, then 1 of the best" in done.stdout
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert notes[0].startswith("note: the plan varies optimizer.lr itself")


@pytest.mark.thorough  # Ctrl-C of processes that work is tested in tests/test_executor.py
def test_ctrl_c_says_how_to_go_on_and_nothing_else(plan: Path) -> None:
    """As a terminal sends it: to the program and to all its workers."""
    command = [sys.executable, "-m", "podoba", "study", "plan.yaml", "--out", "s", "--workers", "2", "--set", "epochs=4000"]
    program = subprocess.Popen(
        command, cwd=plan, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # as in a terminal, whoever runs the tests
    )  # fmt: skip
    until = time.monotonic() + 120
    while not list((plan / "s").glob("cells/*/settings.yaml")) and time.monotonic() < until:
        time.sleep(0.2)
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 130
    assert said.splitlines()[-1] == "stopped; what is finished is kept: give the command again with --resume"
    assert "Traceback" not in said
    again = podoba("study", "plan.yaml", "--out", "s", cwd=plan)
    assert "add --resume" in again.stderr
