"""Learning from marks: it helps where something can be learned, and leaves whole files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, change_model
from podoba.errors import TrainingError
from podoba.images.sources.open import open_source
from podoba.learn.feedback.fit import FeedbackSettings
from podoba.learn.feedback.marked_pairs import marked_queries
from podoba.learn.feedback.train import train_from_feedback
from podoba.metrics.retrieval import retrieval_metrics
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_images


def test_marks_make_a_model_that_finds_more_also_of_what_was_never_marked(marked: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.podoba"
    with Collection.open(marked, read_only=True) as original:
        original.copy_to(path)
        encoder = Encoder(Path(original.store.database.fact("path") or ""), threads=1)
    with Collection.open(path) as collection:
        summary = train_from_feedback(collection, tmp_path / "run", encoder=encoder)
        assert summary.loss_after < summary.loss_before
        assert summary.ordered_after > summary.ordered_before
        train = open_source("digits:train").subset(range(0, 1400, 4))
        better = Encoder(tmp_path / "run" / "model.onnx", threads=1)
        labels = np.array(train.labels)
        before, after = (
            retrieval_metrics(np.concatenate([d for _, d in encode_images(train.records, one)]), labels).means()["map"]
            for one in (encoder, better)
        )
        assert before is not None
        assert after is not None
        assert after > before + 0.01
        card = better.card
        assert (card.name, card.loss, card.dim) == ("run", "feedback", encoder.card.dim)
        assert card.training_data[-1].name == "marks of copy.podoba"
        assert card.calibration is not None
        assert json.loads((tmp_path / "run" / "evaluation.json").read_text())["marks"] == summary.marks
        with pytest.raises(TrainingError, match="holds a model already"):
            train_from_feedback(collection, tmp_path / "run", encoder=encoder)
        change_model(collection, [open_source("digits:test")], better, model=str(tmp_path / "run"))
        first = collection.items()[0]
        again = collection.search(f"id:{first.id}", feedback="linear-probe")
        assert again.marks is not None
        assert again.marks >= 12  # the marks serve the new model as well
        assert len(marked_queries(collection)) == summary.queries
        short = FeedbackSettings(steps=3)
        assert train_from_feedback(collection, tmp_path / "second", encoder=better, settings=short).queries == summary.queries
        assert Encoder(tmp_path / "second" / "model.onnx", threads=1).card.backbone == "none"


def test_too_few_marks_are_refused(marked: Path, tmp_path: Path) -> None:
    with Collection.open(marked, read_only=True) as original:
        original.copy_to(tmp_path / "few.podoba")
    with Collection.open(tmp_path / "few.podoba") as collection:
        collection.forget()
        with pytest.raises(TrainingError, match=r"too few marks.*0 of 0 queries.*podoba mark"):
            train_from_feedback(collection, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_marks_that_teach_nothing_write_nothing(marked: Path, tmp_path: Path) -> None:
    ruinous = FeedbackSettings(steps=1, rate=10.0)
    with Collection.open(marked, read_only=True) as collection, pytest.raises(TrainingError, match="held out"):
        train_from_feedback(collection, tmp_path / "run", settings=ruinous)
    assert not (tmp_path / "run").exists()


def test_a_crash_while_writing_leaves_the_file_before_whole(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("evaluation.json", "environment.json", "head.safetensors"):
        (tmp_path / name).write_text("as it was")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("podoba.files.os.replace", full)
    with Collection.open(marked, read_only=True) as collection, pytest.raises(TrainingError, match="No space left"):
        train_from_feedback(collection, tmp_path, settings=FeedbackSettings(steps=2))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("evaluation.json", "environment.json", "head.safetensors"), "as it was"
    )


def test_a_crash_at_any_file_leaves_no_model_and_whole_files(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evaluation.json").write_text("{}")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("podoba.learn.feedback.train.write_json", stop)
    with Collection.open(marked, read_only=True) as collection, pytest.raises(KeyboardInterrupt):
        train_from_feedback(collection, tmp_path, settings=FeedbackSettings(steps=2))
    assert (tmp_path / "evaluation.json").read_text() == "{}"
    assert not (tmp_path / "model.onnx").exists()
