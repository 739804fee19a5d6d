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
from podoba.images.sources.open import open_source
from podoba.learn import run
from podoba.learn.data.pixels import open_pixels
from podoba.learn.losses.registry import LOSSES
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import describe
from podoba.learn.setup import build_network
from podoba.metrics.evaluation import evaluate
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.runs.history import Epoch
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


@pytest.mark.thorough
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


def tensors(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "weights.safetensors")


@pytest.mark.parametrize(
    ("schedule", "restarts"),
    [
        ({"name": "constant"}, []),
        pytest.param({"name": "one-cycle"}, [3], marks=pytest.mark.thorough),
        pytest.param({"name": "cosine", "warmup": 1}, [3], marks=pytest.mark.thorough),
    ],
)
def test_a_run_that_goes_on_ends_as_one_that_had_these_epochs_from_the_outset(
    small: Make, tmp_path: Path, schedule: dict[str, object], restarts: list[int]
) -> None:
    run.train(small(epochs=3, schedule=schedule, averaging={"name": "ema"}), tmp_path / "parts")
    longer = run.train_longer(tmp_path / "parts", 2)
    settings = small(epochs=5, schedule={**schedule, "restarts": restarts}, averaging={"name": "ema"})
    whole = run.train(settings, tmp_path / "whole")
    one, two = tensors(tmp_path / "parts"), tensors(tmp_path / "whole")
    assert all(torch.equal(one[key], two[key]) for key in two)
    assert (longer.epochs, longer.best_epoch, longer.knn_score) == (5, whole.best_epoch, whole.knn_score)
    assert load_settings(tmp_path / "parts" / "settings.yaml") == load_settings(tmp_path / "whole" / "settings.yaml")


def test_a_run_that_was_stopped_while_it_went_on_comes_to_the_end_that_was_set(small: Make, tmp_path: Path) -> None:
    def stop(row: Epoch) -> None:
        if row.epoch == 4:
            raise KeyboardInterrupt

    run.train(small(epochs=3), tmp_path / "parts")
    with pytest.raises(KeyboardInterrupt):
        run.train_longer(tmp_path / "parts", 2, on_epoch=stop)
    said: list[str] = []
    assert run.train_longer(tmp_path / "parts", 2, on_note=said.append).epochs == 5
    assert said[0] == f"{tmp_path / 'parts'} was not finished: it goes on to its 5 epochs"
    run.train(small(epochs=5), tmp_path / "whole")
    one, two = tensors(tmp_path / "parts"), tensors(tmp_path / "whole")
    assert all(torch.equal(one[key], two[key]) for key in two)


def test_a_run_without_its_checkpoint_does_not_go_on(small: Make, tmp_path: Path) -> None:
    run.train(small(epochs=1), tmp_path / "run")
    (tmp_path / "run" / "checkpoint.pt").unlink()
    with pytest.raises(TrainingError, match=r"checkpoint\.pt is missing"):
        run.train_longer(tmp_path / "run", 2)
    assert (tmp_path / "run" / "summary.json").exists()


def test_notes_on_batches_and_the_time_of_an_epoch_come_before_the_first_epoch(small: Make, tmp_path: Path) -> None:
    said: list[str] = []
    settings = small(loss={"name": "triplet"}, batch_size=14, epochs=1)
    summary = run.train(settings, tmp_path / "run", on_note=said.append, on_epoch=lambda row: said.append("epoch"))
    assert summary.notes == ["a batch holds 3 classes x 4 images = 12, not batch_size=14"]
    assert said[0] == f"note: {summary.notes[0]}"
    assert said[1].startswith("an epoch will take about ")
    assert said[2:] == ["epoch"]


def test_the_score_of_the_pretrained_network_stands_beside_that_of_the_learned_one(
    small: Make, tmp_path: Path, coloured: Path
) -> None:
    settings = small(backbone={"name": "small", "transfer": "frozen"}, head={}, input_size=None, epochs=1, test=str(coloured))
    summary = run.train(settings, tmp_path / "run")
    store = open_pixels(open_source(coloured), open_model("small", device="cpu").card.pixels)
    encoder = open_model("small", device="cpu")
    expected = evaluate(encoder.encode(np.array(store.images)), store.labels).knn_score
    assert summary.untrained_knn_score == pytest.approx(expected)
    assert json.loads((tmp_path / "run" / "evaluation.json").read_text())["untrained_knn_score"] == summary.untrained_knn_score
    assert run.train(small(epochs=1), tmp_path / "scratch").untrained_knn_score is None


def test_a_model_gets_probabilities_where_enough_is_held_out(small: Make, tmp_path: Path) -> None:
    fewest = run.train(small(epochs=1), tmp_path / "few")
    assert fewest.calibration_error is None
    assert Encoder(tmp_path / "few" / "model.onnx").card.calibration is None
    settings = small(train="digits:train", limit_train=400, validation=0.5, epochs=2)
    summary = run.train(settings, tmp_path / "many")
    assert summary.calibration_error is not None
    assert 0 <= summary.calibration_error < 0.3
    probability = Encoder(tmp_path / "many" / "model.onnx").card.probability(np.array([-1.0, 1.0], dtype=np.float32))
    assert probability is not None
    assert probability[0] < 0.1 < probability[1]
