"""Small studies on digits: the files that a grid of trainings leaves behind, written without training, to take no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podoba.files import write_json
from podoba.images.decode import load_pixels
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.metrics.evaluation import evaluate
from podoba.ranking.exact import nearest
from podoba.report.study.find.maps import Projection
from podoba.report.study.read.measured import Measured, measure
from podoba.report.study.read.shown import Shown, same_queries
from podoba.runs.history import Epoch, write_history
from podoba.runs.retrieval_results import RetrievalResults, write_retrieval_results
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings_file import check_settings, write_yaml
from podoba.runs.summary import RunSummary
from podoba.study.folder import Study, StudyFolder, load_study, write_cell_list
from podoba.study.plan import Plan
from podoba.study.task import Point, Task

AUGMENTATIONS = ("none", "shift-zoom-rotate", "shift-zoom-rotate-flip")
EVERY = 3  # of the digits, so that a study takes no time


@dataclass(frozen=True)
class Digits:
    """Unit descriptors of raw pixels, labels and rows of the training and of the test digits."""

    train: np.ndarray
    train_labels: list[str]
    train_rows: np.ndarray
    test: np.ndarray
    test_labels: list[str]
    test_rows: np.ndarray


@pytest.fixture(scope="session")
def digits() -> Digits:
    source = open_source("digits")
    parts: list[Any] = []
    for split in ("train", "test"):
        records = [record for record in source.records if record.split == split]
        rows = np.arange(0, len(records), EVERY)
        pixels = np.stack([load_pixels(records[i], PixelRule(8))[..., 0].ravel() for i in rows]).astype(np.float32)
        parts += [pixels / np.linalg.norm(pixels, axis=1, keepdims=True), [str(records[i].label) for i in rows], rows]
    return Digits(*parts)


@dataclass(frozen=True)
class Made:
    """What a training is to have come to."""

    values: dict[str, Any]
    settings: dict[str, Any]
    pull: float  # of descriptors towards the centre of their class
    noise: float
    overfit: float  # how far the validation loss rises after its minimum


def paper_grid() -> list[Made]:
    """Loss x augmentation, and cross-entropy with ReLU: the variants of the paper."""
    variants = []
    for loss in ("cross-entropy", "triplet"):
        for i, augmentation in enumerate(AUGMENTATIONS):
            settings = {"loss": {"name": loss}, "augmentation": {"name": augmentation}, "head": {"l2": 0.001}}
            values = {"loss": loss, "augmentation": augmentation, "descriptor": "linear + L2"}
            triplet = loss == "triplet"
            variants.append(Made(values, settings, 0.6 + 0.15 * triplet - 0.03 * i, 0.06, (0.2 if triplet else 0.5) / (1 + i)))
    relu = {"loss": {"name": "cross-entropy"}, "augmentation": {"name": "none"}, "head": {"activation": "relu", "l2": 0.0}}
    values = {"loss": "cross-entropy", "augmentation": "none", "descriptor": "ReLU"}
    return [*variants, Made(values, relu, 0.45, 0.06, 0.5)]


def descriptors(digits: Digits, made: Made, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit descriptors (Q, D) and (G, D): raw pixels pulled towards the centres of the classes, with noise."""
    rng = np.random.default_rng([seed, *str(made.values).encode()])
    labels = np.array(digits.train_labels)
    centres = {name: digits.train[labels == name].mean(axis=0) for name in set(digits.train_labels)}
    parts = []
    for x, names in ((digits.test, digits.test_labels), (digits.train, digits.train_labels)):
        mixed = (1 - made.pull) * x + made.pull * np.stack([centres[name] for name in names])
        mixed = mixed + made.noise * rng.normal(size=x.shape)
        parts.append((mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32))
    return parts[0], parts[1]


def results_of(digits: Digits, made: Made, seed: int) -> tuple[RetrievalResults, dict[str, Any]]:
    """What a run retrieved, and its scores."""
    queries, gallery = descriptors(digits, made, seed)
    classes = sorted(set(digits.train_labels))
    code = {name: i for i, name in enumerate(classes)}
    neighbours = nearest(queries, gallery, 10)
    results = RetrievalResults(
        queries=queries.astype(np.float16),
        query_labels=np.array([code[name] for name in digits.test_labels]),
        gallery_labels=np.array([code[name] for name in digits.train_labels]),
        classes=np.array(classes),
        indices=neighbours.indices,
        similarities=neighbours.similarities,
        query_rows=digits.test_rows,
        gallery_rows=digits.train_rows,
    )
    return results, evaluate(queries, digits.test_labels, gallery, digits.train_labels).to_json()


def history(made: Made, seed: int, epochs: int = 12) -> list[Epoch]:
    rng = np.random.default_rng(seed)
    rows = []
    for epoch in range(1, epochs + 1):
        training = 2.2 * 0.75**epoch + 0.1
        validation = training + 0.1 + made.overfit * max(0, epoch - 6) / 6 + 0.005 * rng.normal()
        rows.append(Epoch(epoch, training + 0.005 * rng.normal(), validation, 1e-3, 0.5))
    return rows


def summary(folder: Path, made: Made, rows: Sequence[Epoch], evaluation: dict[str, Any]) -> RunSummary:
    validated = min(rows, key=lambda row: row.validation_loss or 0.0)
    trained = min(rows, key=lambda row: row.training_loss)
    return RunSummary(
        run=str(folder), model=str(folder / "model.onnx"), loss=made.settings["loss"]["name"], epochs=len(rows),
        best_epoch=validated.epoch, min_validation_loss=validated.validation_loss, min_validation_epoch=validated.epoch,
        min_training_loss=trained.training_loss, min_training_epoch=trained.epoch, seconds_per_epoch=0.5,
        total_seconds=0.5 * len(rows),
        knn_score=evaluation["knn_score"],
        untrained_knn_score=None, transfer="frozen", calibration_error=None,
        parameters=15_240, trainable_parameters=5_253, judged_on="test",
        notes=["a note of the run"],
    )  # fmt: skip


def write_run(run: RunFolder, digits: Digits, made: Made, seed: int) -> None:
    """The files of a finished training, but for its model."""
    results, scores = results_of(digits, made, seed)
    epochs = history(made, seed)
    write_retrieval_results(results, run.retrieval_results)
    write_history(epochs, run.history)
    write_json(run.evaluation, {"judged_on": "test", **scores})
    write_json(run.environment, {"python": "3.11", "cores": 2, "packages": {"podoba": "0.1.0", "torch": "2.14"}})
    write_json(run.summary, summary(run.path, made, epochs, scores).to_json())


MakeStudy = Callable[..., Study]


@pytest.fixture(scope="session")
def make_study(digits: Digits) -> MakeStudy:
    """Makes a study of the paper's grid, or of some of its variants, in a folder; `failed` and `pending`: (variant, seed)."""

    def make(
        folder: Path,
        only: Sequence[int] | None = None,
        seeds: Sequence[int] = (0, 1, 2),
        failed: Sequence[tuple[int, int]] = (),
        pending: Sequence[tuple[int, int]] = (),
        source: str = "digits",
        description: str = "Loss and augmentation on handwritten digits.",
    ) -> Study:
        folder.mkdir(parents=True, exist_ok=True)
        tasks = []
        for place, made in enumerate(paper_grid() if only is None else [paper_grid()[i] for i in only]):
            point = Point(", ".join(str(value) for value in made.values.values()), made.values, {})
            for seed in seeds:
                settings = check_settings({"train": source, "test": source, "seed": seed, **made.settings})
                tasks.append(Task(f"{place}-{seed}", point, seed, settings))
                run = StudyFolder(folder).run(tasks[-1].key)
                run.path.mkdir(parents=True)
                if (place, seed) in failed:
                    run.error.write_text("the loss is no longer a number", encoding="utf-8")
                elif (place, seed) in pending:
                    write_history(history(made, seed, 3), run.history)
                else:
                    write_run(run, digits, made, seed)
        write_yaml(Plan(title="Digits", description=description, seeds=list(seeds)), StudyFolder(folder).plan)
        write_cell_list(tasks, folder)
        return load_study(folder)

    return make


@pytest.fixture(scope="session")
def study(make_study: MakeStudy, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The paper's grid under two seeds, of which a training failed and another is not finished; not to be changed."""
    return make_study(tmp_path_factory.mktemp("study"), seeds=(0, 1), failed=[(2, 1)], pending=[(6, 0)])


@pytest.fixture(scope="session")
def measured(study: Study) -> Measured:
    return measure(study)


@pytest.fixture(scope="session")
def shown(study: Study) -> list[Shown]:
    return same_queries(study)


@pytest.fixture(scope="session")
def flat() -> Projection:
    """In place of UMAP, which compiles itself for many seconds: two of the numbers of each descriptor."""
    return lambda descriptors: descriptors[:, 20:22]
