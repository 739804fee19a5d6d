"""The folder of a study that nobody ran: its files, with invented scores, for what reads studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from podoba.files import write_json
from podoba.runs.history import Epoch, write_history
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings_file import check_settings, write_yaml
from podoba.runs.summary import RunSummary
from podoba.study.folder import StudyFolder, write_cell_list
from podoba.study.plan import Plan
from podoba.study.task import Point, Task

EPOCHS = 8


def write_study(
    folder: Path,
    variants: Sequence[str] = ("triplet", "cross-entropy"),
    seeds: Sequence[int] = (0, 1),
    *,
    title: str = "Losses",
    description: str = "Which loss finds more.",
    failed: Mapping[tuple[int, int], str] | None = None,
    begun: Mapping[tuple[int, int], int] | None = None,
    report: str | None = None,
) -> Path:
    """Write a study.

    Args:
        variants: their names; each is better than the one after it.
        failed: reasons, by place of the variant and seed.
        begun: epochs that have ended, by place of the variant and seed; every other training is done.
        report: the page of its report.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tasks = []
    for place, name in enumerate(variants):
        for seed in seeds:
            settings = check_settings({"train": "photos", "seed": seed, "epochs": 2 * EPOCHS})
            tasks.append(Task(f"{place}-{seed}", Point(name, {"variant": name}, {}), seed, settings))
            run = StudyFolder(folder).run(tasks[-1].key)
            run.path.mkdir(parents=True)
            if failed and (place, seed) in failed:
                run.error.write_text(failed[place, seed], encoding="utf-8")
            elif begun and (place, seed) in begun:
                write_history(_history(place, seed, begun[place, seed]), run.history)
            else:
                finish(run, place, seed)
    write_yaml(Plan(title=title, description=description, seeds=list(seeds)), StudyFolder(folder).plan)
    write_cell_list(tasks, folder)
    if report is not None:
        (folder / "report.html").write_text(report, encoding="utf-8")
    return folder


def finish(run: RunFolder, place: int, seed: int) -> None:
    """Write the files of a training that is done, but for its model."""
    rows = _history(place, seed, EPOCHS)
    best = min(rows, key=lambda row: row.validation_loss or 0)
    score = 0.9 - 0.1 * place + 0.01 * seed
    write_history(rows, run.history)
    write_json(run.evaluation, {"judged_on": "test", "knn_score": score, "recall@1": score - 0.05, "map@r": score - 0.3})
    write_json(run.environment, {"python": "3.11", "cores": 2, "packages": {}})
    summary = RunSummary(
        run=str(run.path), model=str(run.model), loss="triplet", epochs=EPOCHS, best_epoch=best.epoch,
        min_validation_loss=best.validation_loss, min_validation_epoch=best.epoch, min_training_loss=rows[-1].training_loss,
        min_training_epoch=EPOCHS, seconds_per_epoch=0.5, total_seconds=4.0, knn_score=score, untrained_knn_score=None,
        transfer="frozen", calibration_error=None, parameters=1000, trainable_parameters=100, judged_on="test", notes=[],
    )  # fmt: skip
    write_json(run.summary, summary.to_json())


def _history(place: int, seed: int, epochs: int) -> list[Epoch]:
    noise = np.random.default_rng([place, seed]).normal(scale=0.01, size=(epochs, 2)).tolist()
    rows = enumerate(noise, 1)
    return [Epoch(n, 1.5 * 0.7**n + 0.1 + a, 1.5 * 0.75**n + 0.3 + 0.1 * place + b, 1e-3, 0.5) for n, (a, b) in rows]
