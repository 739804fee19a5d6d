"""Folders that are published as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from podoba.errors import ModelError
from podoba.images.resize import Fit, PixelRule, Resample
from podoba.models.card import Card, TrainingData, pixel_facts
from podoba.models.encoder import Encoder
from podoba.models.export.hub_folder import model_card, write_hub_folder
from podoba.models.foreign.importing import import_folder
from podoba.models.foreign.processors import processor_settings, read_processor

MakeModel = Callable[..., Path]
RULE = PixelRule(8, "crop", 9, "bilinear", exact=True)


@pytest.fixture
def encoder(make_model: MakeModel) -> Encoder:
    return Encoder(make_model(**pixel_facts(RULE), licence="apache-2.0"), device="cpu")


def test_a_folder_comes_back_by_both_of_its_files(tmp_path: Path, encoder: Encoder) -> None:
    write_hub_folder(encoder, tmp_path / "new" / "model")
    folder = tmp_path / "new" / "model"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"model.onnx", "onnx/model.onnx", "config.json", "preprocessor_config.json", "README.md"}
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert (folder / "model.onnx").read_bytes() == encoder.path.read_bytes()
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == encoder.card.dim
    assert read_processor(folder).rule == RULE
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    for file in (None, "onnx/model.onnx"):
        card = import_folder(folder, tmp_path / "back.onnx", file=file)
        back = Encoder(tmp_path / "back.onnx", device="cpu")
        assert (back.card.pixels, back.card.dim) == (RULE, encoder.card.dim)
        assert back.card == card
        np.testing.assert_allclose(back.encode(images), encoder.encode(images), atol=1e-6)
    assert card.licence == "apache-2.0"  # as README.md says


@pytest.mark.parametrize("fit", ["stretch", "crop"])
@pytest.mark.parametrize("resample", ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"])
def test_settings_are_read_as_they_were_meant(tmp_path: Path, fit: Fit, resample: Resample) -> None:
    for shortest in (24, 31):
        rule = replace(RULE, size=24, fit=fit, shortest=shortest, resample=resample)
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(processor_settings(rule, "x")))
        same = replace(rule, shortest=None) if (fit, shortest) == ("stretch", 24) else rule
        processor = read_processor(tmp_path)
        assert (processor.rule, processor.rescale, processor.std) == (same, 1 / 255, (1.0, 1.0, 1.0))


def test_the_page_says_what_the_card_knows() -> None:
    card = Card(
        name="flowers", input_size=64, dim=128, backbone="small-resnet", licence="apache-2.0", metrics={"knn_score": 0.93},
        intervals={"knn_score": (0.91, 0.95)}, training_data=[TrainingData(name="own photographs", images=1020, classes=5)],
    )  # fmt: skip
    _, head, page = model_card(card).split("---\n", 2)
    facts = yaml.safe_load(head)
    assert (facts["license"], facts["pipeline_tag"]) == ("apache-2.0", "image-feature-extraction")
    assert "| knn_score | 0.9300 | 0.9100 to 0.9500 |" in page
    assert "| own photographs | 1020 | 5 |  |" in page
    assert "float32 (N, 3, 64, 64) in [0, 1]" in page
    unnamed = model_card(card.model_copy(update={"licence": None}))
    assert "license" not in yaml.safe_load(unnamed.split("---\n", 2)[1])
    assert "Not named in the model's card" in unnamed


def test_what_is_there_is_not_touched(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match="is there already"):
        write_hub_folder(encoder, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    write_hub_folder(encoder, tmp_path / "empty")
    assert (tmp_path / "empty" / "README.md").is_file()


def test_a_full_disk_leaves_nothing(tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("podoba.models.export.hub_folder.write_text", full)
    with pytest.raises(ModelError, match=r"cannot be written .*No space left"):
        write_hub_folder(encoder, tmp_path / "out" / "model")
    assert not list((tmp_path / "out").iterdir())
