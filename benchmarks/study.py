"""What a study costs beside its trainings: 18 heads on cached features, as a study and one by one.

Features are cached by a first pass; then the same trainings run bare and as a study in turns, each in a fresh folder:

    python benchmarks/study.py
    python benchmarks/study.py --train cifar10:train --test cifar10:test --json study.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median

from machine import describe_machine
from podoba.learn.run import train
from podoba.study.grid import tasks
from podoba.study.plan import Plan, check_plan
from podoba.study.run import run_study

GOAL = 1.3
ROUNDS = 3


def main() -> None:
    """Measure, print one line, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", default="digits:train", metavar="SOURCE")
    parser.add_argument("--test", default="digits:test", metavar="SOURCE")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    plan = plan_of_heads(arguments.train, arguments.test, arguments.epochs)
    with tempfile.TemporaryDirectory() as folder:
        bare_seconds(plan, Path(folder) / "warm")
        bare, study = [], []
        for number in range(ROUNDS):
            bare.append(bare_seconds(plan, Path(folder) / f"bare{number}"))
            study.append(study_seconds(plan, Path(folder) / f"study{number}"))
    ratio = median(study) / median(bare)
    times = f"bare {median(bare):.1f} s, as a study {median(study):.1f} s"
    print(f"{len(tasks(plan))} trainings: {times}: {ratio:.2f} times (at most {GOAL})")
    if arguments.json is not None:
        figures = {"machine": describe_machine(), "bare": bare, "study": study, "ratio": ratio}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def plan_of_heads(train_source: str, test_source: str, epochs: int) -> Plan:
    """Three losses, three learning rates, two seeds: all on the features of the frozen small model."""
    return check_plan(
        {
            "title": "Overhead",
            "base": {
                "train": train_source,
                "test": test_source,
                "epochs": epochs,
                "backbone": {"name": "small", "transfer": "frozen"},
            },
            "axes": {"loss.name": ["cross-entropy", "triplet", "proxy-anchor"], "optimizer.lr": [0.0003, 0.001, 0.003]},
            "seeds": [0, 1],
        },
        "benchmark",
    )


def bare_seconds(plan: Plan, folder: Path) -> float:
    """All trainings of the plan, one after another."""
    found = tasks(plan)
    started = time.perf_counter()
    for task in found:
        train(task.settings, folder / task.key)
    return time.perf_counter() - started


def study_seconds(plan: Plan, folder: Path) -> float:
    """The plan as `podoba study` runs it, without its report."""
    started = time.perf_counter()
    run_study(plan, folder)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
