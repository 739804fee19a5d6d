"""`podoba train`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from podoba.errors import PodobaError
from podoba.runs.summary import RunSummary

CONFIGS = Path(__file__).parents[4] / "configs"
Command = Callable[..., Any]
KEYS = {
    "run", "model", "loss", "epochs", "best_epoch", "min_validation_loss", "min_training_loss", "seconds_per_epoch",
    "knn_score", "untrained_knn_score", "transfer", "calibration_error", "parameters", "trainable_parameters",
}  # fmt: skip


def test_a_run_prints_its_summary_as_json_and_messages_on_stderr(
    podoba: Command, pictures: Path, tmp_path: Path, tiny_settings: Callable[..., list[str]]
) -> None:
    out = tmp_path / "run"
    arguments = ["train", pictures / "train", "--test", pictures / "test", "--out", out, *tiny_settings("loss.name=triplet")]
    done = podoba(*arguments, "--json", OMP_NUM_THREADS="1")
    assert done.returncode == 0
    summary = json.loads(done.stdout)
    assert set(summary) >= KEYS
    assert (summary["loss"], summary["epochs"], summary["run"]) == ("triplet", 2, str(out))
    assert [line.partition(":")[0] for line in done.stderr.splitlines() if line.startswith("epoch")] == ["epoch 1/2", "epoch 2/2"]
    with Image.open(out / "figures" / "learning-curves.png") as drawn:
        assert drawn.format == "PNG"


def test_a_finished_run_is_not_repeated_and_other_settings_are_refused(
    command: Command, pictures: Path, trained: Path, tiny_settings: Callable[..., list[str]]
) -> None:
    arguments = ["train", pictures / "train", "--test", pictures / "test", "--out", trained]
    before = (trained / "history.csv").read_bytes()
    again = command(*arguments, *tiny_settings())
    assert again.code == 0
    assert "KNN score: " in again.out
    assert (trained / "history.csv").read_bytes() == before
    other = command(*arguments, *tiny_settings("seed=7"))
    assert (other.code, other.out) == (1, "")
    assert "(seed differ)" in other.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "optimizer.lrr=1"), "did you mean 'optimizer.lr'?"),
        (("--set", "epochs=many"), "epochs = 'many'"),
        (("--set", "epochs"), "key=value"),
        (("--config", "nothing.yaml"), "nothing.yaml"),
        (("--set", "loss.name=tripplet"), "loss.name"),
    ],
)
def test_wrong_settings_are_one_line(command: Command, pictures: Path, arguments: tuple[str, ...], message: str) -> None:
    done = command("train", pictures / "train", "--out", pictures / "never", *arguments)
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert not (pictures / "never").exists()


def test_a_source_that_is_not_there(command: Command, tmp_path: Path) -> None:
    done = command("train", tmp_path / "photso", "--out", tmp_path / "run")
    assert done.code == 1
    assert str(tmp_path / "photso") in done.err


@pytest.mark.parametrize(
    ("loss", "total", "trainable"), [("triplet", 15_240_000, 525_312), ("cross-entropy", 15_245_130, 530_442)]
)
def test_the_summary_of_the_papers_networks(command: Command, loss: str, total: int, trainable: int) -> None:
    arguments = ["--config", CONFIGS / f"paper-{loss}.yaml", "--classes", "10"]
    done = command("train", "cifar10", *arguments, "--summary")
    assert done.code == 0
    assert f"{total:,}" in done.out
    assert f"{trainable:,}" in done.out
    counted = command("train", "cifar10", *arguments, "--summary", "--json").json
    assert (counted["parameters"], counted["trainable_parameters"]) == (total, trainable)
    assert sum(layer["parameters"] for layer in counted["layers"]) == total


def test_a_preview_of_the_augmentation(command: Command, pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "samples.png"
    setting = "augmentation.name=shift-zoom-rotate-flip"
    done = command("train", pictures / "train", "--set", setting, "--preview-augmentation", path)
    assert (done.code, done.out, done.err) == (0, "", f"drawn: {path}\n")
    with Image.open(path) as drawn:
        assert drawn.width > drawn.height


def test_scores_are_printed_before_curves_are_drawn(
    command: Command, pictures: Path, tmp_path: Path, tiny_settings: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise PodobaError("the curves cannot be drawn")

    monkeypatch.setattr("podoba.cli.terminal.training.learning_curves", fails)
    done = command("train", pictures / "train", "--test", pictures / "train", "--out", tmp_path / "run", *tiny_settings())
    assert done.code == 1
    assert done.err.splitlines()[-1] == "error: the curves cannot be drawn"
    assert "KNN score: " in done.out
    assert "judging and exporting the model" in done.err.splitlines()
    assert done.err.count("36 of 36 test images are among the training images") == 1
    assert done.err.index("36 of 36 test images") < done.err.index("epoch 1/2")


@pytest.mark.thorough
def test_threads_wait_passively_by_the_time_torch_is_loaded(podoba: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """As GNU's OpenMP says of itself when it is loaded; another one says nothing of its spins."""
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)  # of a command that ran in this process
    ways = {"frozen": ("--set", "backbone.transfer=frozen"), "scratch": ("--set", "backbone.transfer=scratch")}
    spins = {}
    for name, setting in ways.items():
        done = podoba("train", "photos", "--summary", "--classes", "2", *setting, OMP_DISPLAY_ENV="verbose")
        assert done.returncode == 0
        assert done.stderr.startswith("loading PyTorch\n")
        spins[name] = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", done.stderr)
    if not spins["scratch"]:
        pytest.skip("torch has another OpenMP here")
    assert set(spins["frozen"]) == {"0"}
    assert "0" not in spins["scratch"]


def test_a_finished_run_goes_on_for_more_epochs(
    command: Command, pictures: Path, tmp_path: Path, tiny_settings: Callable[..., list[str]]
) -> None:
    out = tmp_path / "run"
    first = command("train", pictures / "train", "--out", out, *tiny_settings("early_stopping.monitor=training_loss"))
    assert first.code == 0
    assert f"podoba train --out {out} --more-epochs 1" in first.err
    assert "its results have no probabilities" in first.err
    done = command("train", "--out", out, "--more-epochs", "1", "--json")
    assert done.code == 0
    assert (done.json["epochs"], done.json["run"]) == (3, str(out))
    assert [line.partition(":")[0] for line in done.err.splitlines() if line.startswith("epoch")] == ["epoch 3/3"]
    refused = command("train", pictures / "train", "--out", out, "--more-epochs", "1")
    assert refused.code == 2
    assert "give --out RUN and nothing else" in refused.err
    nothing = command("train", "--out", tmp_path / "nothing", "--more-epochs", "1")
    assert (nothing.code, len(nothing.err.splitlines())) == (1, 1)


def test_the_untrained_score_and_a_start_that_was_not_bettered_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from podoba.cli.terminal.training import print_result

    made: dict[str, Any] = {
        "run": "runs/a b", "model": "m.onnx", "loss": "combined", "epochs": 3, "best_epoch": 0, "min_validation_loss": None,
        "min_validation_epoch": None, "min_training_loss": 0.5, "min_training_epoch": 3, "seconds_per_epoch": 0.5,
        "total_seconds": 1.5, "knn_score": 0.5, "untrained_knn_score": 0.25, "transfer": "frozen", "calibration_error": 0.0625,
        "parameters": 9, "trainable_parameters": 9, "judged_on": "test", "notes": [],
    }  # fmt: skip
    print_result(RunSummary(**made), as_json=False)
    printed = capsys.readouterr()
    assert "KNN score: 0.5000 on the test images (untrained: 0.2500)" in printed.out
    assert "none was better on the held-out images than the network it began with" in printed.out
    assert printed.err == ""
    print_result(RunSummary(**{**made, "best_epoch": 3}), as_json=False)
    assert "podoba train --out 'runs/a b' --more-epochs 1" in capsys.readouterr().err
