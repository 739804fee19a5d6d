from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from podoba.errors import SettingsError, TrainingError
from podoba.learn import run
from podoba.learn.fit import trainer as fit
from podoba.learn.networks.backbones import build_backbone
from podoba.runs.history import read_history
from podoba.runs.settings import Settings
from podoba.runs.settings_file import write_yaml

Make = Callable[..., Settings]


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "weights.safetensors")


def same(a: Path, b: Path) -> bool:
    one, two = weights(a), weights(b)
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize("loss", ["cross-entropy", pytest.param("triplet", marks=pytest.mark.thorough)])
def test_learns_and_is_repeatable(small: Make, tmp_path: Path, loss: str) -> None:
    settings = small(loss={"name": loss}, epochs=6, augmentation={"name": "shift-zoom-rotate-flip"})
    summary = run.train(settings, tmp_path / "a")
    run.train(settings, tmp_path / "b")
    assert same(tmp_path / "a", tmp_path / "b")
    history = read_history(tmp_path / "a" / "history.csv")
    assert history[-1].training_loss < history[0].training_loss
    assert summary.knn_score == pytest.approx(1.0, abs=0.1)
    assert summary.judged_on == "validation"


@pytest.mark.parametrize(
    "changes",
    [
        {"backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"}},
        {"averaging": {"name": "ema"}, "schedule": {"name": "one-cycle"}},
        {"loss": {"name": "proxy-anchor"}, "optimizer": {"name": "nesterov", "lr": 0.05}},
        {"backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen-then-finetune", "frozen_epochs": 2}},
        {"augmentation": {"name": "shift-zoom-rotate", "views": 2},
         "backbone": {"name": "small-digits", "pretrained": False, "transfer": "frozen"}},
    ],
)  # fmt: skip
def test_stopped_and_resumed_equals_uninterrupted(
    small: Make, tmp_path: Path, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small(epochs=5, **changes)
    run.train(settings, tmp_path / "whole")
    for stop_after in (1, 2, 4):
        calls = 0

        def stop(_: object, stop_after: int = stop_after) -> None:
            nonlocal calls
            calls += 1
            if len(read_history(tmp_path / "parts" / "history.csv")) >= stop_after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run.train(settings, tmp_path / "parts", on_epoch=stop)
        assert calls >= 1
    run.train(settings, tmp_path / "parts")
    assert same(tmp_path / "whole", tmp_path / "parts")
    losses = [[row.training_loss for row in read_history(tmp_path / name / "history.csv")] for name in ("whole", "parts")]
    assert losses[0] == losses[1]


@pytest.mark.thorough
def test_killed_process_resumes_to_the_same_weights(small: Make, tmp_path: Path) -> None:
    settings = small(epochs=40, averaging={"name": "ema"})
    write_yaml(settings, tmp_path / "settings.yaml")
    code = (
        "import sys; from pathlib import Path; from podoba.learn.run import train;"
        "from podoba.runs.settings_file import load_settings; import torch; torch.set_num_threads(1);"
        "train(load_settings(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "settings.yaml"), str(tmp_path / "killed")]
    rng = np.random.default_rng(1)
    for _ in range(2):
        process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"})
        checkpoint = tmp_path / "killed" / "checkpoint.pt"
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
                break
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.2)))
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    command[-1] = str(tmp_path / "whole")
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert same(tmp_path / "killed", tmp_path / "whole")


def test_cached_features_give_the_results_of_no_cache(small: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = small(backbone={"name": "small-digits", "pretrained": False, "transfer": "frozen"})
    run.train(settings, tmp_path / "cached")
    monkeypatch.setattr(fit, "can_cache", lambda *_: False)
    run.train(settings, tmp_path / "direct")
    one, two = weights(tmp_path / "cached"), weights(tmp_path / "direct")
    for key in one:
        torch.testing.assert_close(one[key], two[key], rtol=1e-4, atol=1e-5)


def test_frozen_backbone_keeps_its_weights_and_statistics(small: Make, tmp_path: Path) -> None:
    settings = small(
        backbone={"name": "small-digits", "pretrained": False, "transfer": "frozen"},
        augmentation={"name": "flip", "views": "online"},
    )
    run.train(settings, tmp_path / "run")
    torch.manual_seed(settings.seed)
    fresh = build_backbone(settings.backbone, 16).state_dict()
    kept = weights(tmp_path / "run")
    assert all(torch.equal(value, kept[f"backbone.{key}"]) for key, value in fresh.items())


def test_best_weights_are_restored_and_patience_stops(small: Make, tmp_path: Path) -> None:
    settings = small(
        epochs=60,
        optimizer={"name": "sgd", "lr": 1e-9},
        early_stopping={"patience": 2, "monitor": "validation_loss"},
        head={"hidden": 16},
    )
    summary = run.train(settings, tmp_path / "run")
    history = read_history(tmp_path / "run" / "history.csv")
    assert len(history) < 60
    best = min(history, key=lambda row: row.validation_loss or 0)
    assert summary.best_epoch == best.epoch
    assert len(history) == best.epoch + 2


def test_a_loss_that_is_no_number_stops_with_the_step_named(small: Make, tmp_path: Path) -> None:
    settings = small(optimizer={"name": "sgd", "lr": 1e30}, epochs=4)
    with pytest.raises(TrainingError, match=r"epoch \d+, step \d+"):
        run.train(settings, tmp_path / "run")


def test_a_run_of_other_settings_is_refused(small: Make, tmp_path: Path) -> None:
    run.train(small(epochs=1), tmp_path / "run")
    with pytest.raises(SettingsError, match="epochs differ"):
        run.train(small(epochs=2), tmp_path / "run")


@pytest.mark.parametrize("transfer", ["last:1", "finetune"])
def test_partial_and_full_finetuning_move_the_right_weights(small: Make, tmp_path: Path, transfer: str) -> None:
    settings = small(backbone={"name": "small-digits", "pretrained": False, "transfer": transfer}, epochs=1)
    run.train(settings, tmp_path / "run")
    torch.manual_seed(settings.seed)
    fresh = build_backbone(settings.backbone, 16)
    after = weights(tmp_path / "run")
    moved = {key for key, value in fresh.named_parameters() if not torch.equal(value, after[f"backbone.{key}"])}
    names = {id(p): key for key, p in fresh.named_parameters()}
    last = {names[id(p)] for p in fresh.stages()[-1]}
    assert moved >= last
    assert (moved == last) if transfer == "last:1" else (moved == set(names.values()))


def test_a_class_too_rare_to_be_held_out_does_not_stop_the_validation(small: Make, tmp_path: Path, coloured: Path) -> None:
    for path in sorted((coloured / "red").iterdir())[1:]:
        path.unlink()
    settings = small(loss={"name": "triplet"}, sampler={"name": "balanced", "classes": 3, "per_class": 4}, epochs=1)
    assert run.train(settings, tmp_path / "run").min_validation_loss is not None


def test_held_out_images_without_pairs_are_not_measured_by_a_loss_of_pairs(small: Make, tmp_path: Path, coloured: Path) -> None:
    for folder in sorted(coloured.iterdir()):
        for path in sorted(folder.iterdir())[4:]:
            path.unlink()
    summary = run.train(small(loss={"name": "triplet"}, validation=0.25, epochs=2), tmp_path / "triplet")
    assert summary.min_validation_loss is None
    assert any("no pairs" in note for note in summary.notes)
    assert run.train(small(validation=0.25, epochs=1), tmp_path / "classes").min_validation_loss is not None


@pytest.mark.parametrize(
    ("precisions", "best"), [([0.75, 0.5, 0.5], 0), ([0.5, 0.75, 0.25], 1), ([0.5, 0.25, 0.5], 2), ([0.25, 0.5, 0.75], 2)]
)
def test_the_epoch_that_finds_most_is_kept_and_the_start_where_none_finds_more(
    small: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precisions: list[float], best: int
) -> None:
    found = iter(precisions)
    monkeypatch.setattr("podoba.learn.fit.held_out.HeldOut.precision", lambda *_: next(found))
    settings = small(
        head={"hidden": None, "dim": 8},
        backbone={"name": "small-digits", "pretrained": False, "transfer": "frozen"},
        early_stopping={"monitor": "validation_precision"},
        epochs=2,
    )
    assert run.train(settings, tmp_path / "run").best_epoch == best
    state = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
    assert state["start_precision"] == precisions[0]
    assert [row.validation_precision for row in read_history(tmp_path / "run" / "history.csv")] == precisions[1:]
    kept = weights(tmp_path / "run")["head.descriptor.weight"]
    assert torch.allclose(kept @ kept.T, torch.eye(8), atol=1e-5) is (best == 0)  # as it began: orthogonal
