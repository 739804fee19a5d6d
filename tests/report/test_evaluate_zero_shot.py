"""A model evaluated by the names of classes: its text tower, prompts, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.arrays import Floats
from podoba.errors import ModelError, SourceError
from podoba.images.record import Skipped
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.models.names import find_model
from podoba.models.text import TextEncoder, text_path
from podoba.report.evaluate import encode_source
from podoba.report.evaluate_zero_shot import evaluate_zero_shot

WriteTower = Callable[..., Path]


@pytest.fixture
def named(pictures: Path, tmp_path: Path, write_tower: WriteTower) -> Encoder:
    """A model whose tower knows three colours by the pictures of the training part, and words around them."""
    encoder = Encoder(Path(shutil.copy(find_model("small"), tmp_path / "small.onnx")), 1)
    seen = encode_source(encoder, open_source(pictures / "train"))
    labels = np.array(seen.labels)
    middle = seen.descriptors.mean(axis=0)
    words = {name: seen.descriptors[labels == name].mean(axis=0) - middle for name in ("red", "green", "blue")}
    write_tower(encoder.path, {"?": np.full(len(middle), 1e-3), **words, "not": -20 * words["red"]})
    return encoder


def test_names_are_scored_on_images_that_can_be_read(named: Encoder, pictures: Path, tmp_path: Path) -> None:
    images = Path(shutil.copytree(pictures / "test", tmp_path / "images"))
    (images / "red").rename(images / "n00000001 red")
    (images / "green" / "x.png").write_text("no image")
    shutil.copy(images / "blue" / "12.png", images / "unlabelled.png")
    skipped: list[Skipped] = []
    steps: list[tuple[str, int, int]] = []
    scores = evaluate_zero_shot(named, "mine", open_source(images), skipped=skipped, on_progress=lambda *step: steps.append(step))
    assert [Path(row.uri).name for row in skipped] == ["x.png"]
    assert (scores.images, scores.classes, scores.top1, scores.top5, scores.precision_at_10) == (9, 3, 1.0, None, 1.0)
    assert scores.worst == [("blue", 1.0), ("green", 1.0), ("red", 1.0)]
    assert steps[-1][1:] == (10, 11)


def test_prompts_are_averaged(named: Encoder, pictures: Path) -> None:
    test = open_source(pictures / "test")
    wrong = evaluate_zero_shot(named, "mine", test, ["not {}"])
    assert wrong.top1 < 1
    assert evaluate_zero_shot(named, "mine", test, ["a {}", "photo of {}", "{}"]).top1 == 1.0
    with pytest.raises(ValueError, match=r"'red': a prompt has \{\} where"):
        evaluate_zero_shot(named, "mine", test, ["red"])


def test_what_cannot_be_scored(named: Encoder, pictures: Path) -> None:
    with pytest.raises(SourceError, match="red: 0 classes of images"):
        evaluate_zero_shot(named, "mine", open_source(pictures / "test" / "red"))
    text_path(named.path).unlink()
    with pytest.raises(ModelError, match="model 'mine' has no text tower"):
        evaluate_zero_shot(named, "mine", open_source(pictures / "test"))


def test_prompts_that_cancel_out(named: Encoder, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = np.eye(1, named.card.dim, dtype=np.float32)

    def encode(self: TextEncoder, texts: list[str]) -> Floats:
        return np.repeat(-row if "no" in texts[0] else row, len(texts), axis=0)

    monkeypatch.setattr(TextEncoder, "encode", encode)
    with pytest.raises(ModelError, match="cancels out: leave some of them out"):
        evaluate_zero_shot(named, "mine", open_source(pictures / "test"), ["{}", "no {}"])
