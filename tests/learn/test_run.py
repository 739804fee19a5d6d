from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from podoba.errors import SettingsError, TrainingError
from podoba.learn import run
from podoba.learn.losses.registry import LOSSES
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import describe
from podoba.learn.setup import build_network
from podoba.models.encoder import Encoder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import load_settings, write_yaml

Make = Callable[..., Settings]


def test_run_folder_is_complete_and_its_model_encodes_as_the_network(small: Make, tmp_path: Path, coloured: Path) -> None:
    settings = small(test=str(coloured))
    out = tmp_path / "run"
    summary = run.train(settings, out)
    assert {p.name for p in out.iterdir()} >= {
        "settings.yaml", "history.csv", "model.onnx", "weights.safetensors", "evaluation.json", "environment.json",
    }  # fmt: skip
    assert summary.judged_on == "test"
    assert json.loads((out / "evaluation.json").read_text())["knn_score"] == summary.knn_score
    resolved = load_settings(out / "settings.yaml")
    assert (resolved.sampler.name, resolved.resize) == ("shuffled", None)

    torch.manual_seed(0)
    backbone = build_backbone(settings.backbone, 16)
    network = build_network(resolved, backbone, 3)
    network.load_state_dict(load_file(out / "weights.safetensors"))
    images = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), dtype=np.uint8)
    encoder = Encoder(out / "model.onnx")
    expected = describe(network, torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(encoder.encode(images), expected, atol=1e-4)
    assert encoder.card.classes == ["blue", "green", "red"]
    assert encoder.card.settings is not None


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_trains(small: Make, tmp_path: Path, name: str) -> None:
    summary = run.train(small(loss={"name": name}, epochs=1), tmp_path / "run")
    assert np.isfinite(summary.min_training_loss)


@pytest.mark.parametrize("name", ["crop", "colour-jitter", "random-erasing", "randaugment", "mixup", "flip"])
def test_every_augmentation_trains(small: Make, tmp_path: Path, name: str) -> None:
    summary = run.train(small(augmentation={"name": name}, epochs=1), tmp_path / "run")
    assert np.isfinite(summary.min_training_loss)


def test_mixup_is_refused_where_the_loss_has_no_classes(small: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="mixup"):
        run.train(small(augmentation={"name": "mixup"}, loss={"name": "triplet"}), tmp_path / "run")


def test_one_class_cannot_be_learned(small: Make, tmp_path: Path, coloured: Path) -> None:
    with pytest.raises(TrainingError, match="two or more"):
        run.train(small(train=str(coloured / "red")), tmp_path / "run")


def test_bad_images_are_counted_and_skipped(small: Make, tmp_path: Path, coloured: Path) -> None:
    (coloured / "red" / "broken.png").write_bytes(b"not an image")
    summary = run.train(small(epochs=1), tmp_path / "run")
    assert any("broken.png" in note for note in summary.notes)


def test_two_processes_learn_together(small: Make, tmp_path: Path) -> None:
    settings = small(devices=2, epochs=3)
    write_yaml(settings, tmp_path / "settings.yaml")
    script = tmp_path / "train.py"
    script.write_text(
        "import sys; from pathlib import Path; from podoba.learn.run import train\n"
        "from podoba.runs.settings_file import load_settings\n"
        "train(load_settings(Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, str(script), str(tmp_path / "settings.yaml"), str(tmp_path / "run")], check=True)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["epochs"] == 3
    assert (tmp_path / "run" / "model.onnx").exists()


def test_a_finished_run_given_again_changes_nothing(small: Make, tmp_path: Path) -> None:
    first = run.train(small(epochs=1), tmp_path / "run")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}
    assert run.train(small(epochs=1), tmp_path / "run") == first
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()} == before
