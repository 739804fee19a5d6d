"""The plugins that the documentation shows are installed as it says, into a folder of their own, and used."""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "extend.md"
FILES = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the package of the page was installed, without the network."""
    package = tmp_path_factory.mktemp("package")
    for name, text in FILES.findall(PAGE.read_text(encoding="utf-8")):
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(target)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, str(package)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [str(installed), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "podoba", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PODOBA_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


TINY = (
    "--set", "limit_train=100", "--set", "limit_test=60", "--set", "epochs=1", "--set", "backbone.transfer=scratch", "--json",
)  # fmt: skip


def test_the_loss_trains_and_its_options_are_settings(installed: Path, tmp_path: Path) -> None:
    options = ("--set", "backbone.name=small-digits", "--set", "loss.name=soft-triplet", "--set", "loss.scale=8")
    done = run(installed, tmp_path, "train", "digits:train", "--test", "digits:test", *options, *TINY, "--out", "run")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["loss"] == "soft-triplet"
    assert yaml.safe_load((tmp_path / "run" / "settings.yaml").read_text("utf-8"))["loss"] == {
        "name": "soft-triplet",
        "scale": 8.0,
    }


def test_a_wrong_option_of_the_loss_is_named(installed: Path, tmp_path: Path) -> None:
    done = run(
        installed, tmp_path, "train", "digits:train", "--set", "loss.name=soft-triplet", "--set", "loss.scal=8", "--out", "run"
    )
    assert done.returncode == 1
    assert "loss.scal" in done.stderr
    assert "loss.scale" in done.stderr


def test_without_the_package_there_is_no_such_loss(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path, "train", "digits:train", "--set", "loss.name=soft-triplet", "--out", "run")
    assert done.returncode == 1
    assert "'nt-xent', 'combined' is needed" in done.stderr


def test_the_loss_equals_a_slow_loop(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed)
    loss = importlib.import_module("podoba_example.loss").SoftTripletLoss(5.0)
    descriptors = torch.nn.functional.normalize(torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    labels = torch.tensor([0, 0, 0, 1, 1, 2, 2, 3])
    costs = [
        math.log1p(math.exp(5 * (math.dist(descriptors[a], descriptors[p]) - math.dist(descriptors[a], descriptors[n]))))
        for a in range(8)
        for p in range(8)
        for n in range(8)
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]
    ]
    assert loss(descriptors, labels).item() == pytest.approx(sum(costs) / len(costs), rel=1e-4)
    assert loss(descriptors[:2], labels[:2]).item() == 0


@pytest.mark.thorough
def test_the_backbone_trains_and_its_model_needs_no_plugin(installed: Path, tmp_path: Path) -> None:
    done = run(
        installed,
        tmp_path,
        "train",
        "digits:train",
        "--test",
        "digits:test",
        "--set",
        "backbone.name=patches",
        *TINY,
        "--out",
        "run",
    )
    assert done.returncode == 0, done.stderr
    done = run(tmp_path, tmp_path, "index", "digits.podoba", "digits:test", "--model", "run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == 359


def test_the_source_is_indexed_and_nothing_changes_the_second_time(
    installed: Path, tmp_path: Path, picture: Callable[..., Path]
) -> None:
    for seed, name in enumerate(("cats/1.png", "cats/2.png", "dogs/1.png", "dogs/2.png")):
        picture(tmp_path / name, seed)
    (tmp_path / "chosen.paths").write_text("cats/1.png\ndogs/2.png\n", encoding="utf-8")
    first, second = (run(installed, tmp_path, "index", "chosen.podoba", "chosen.paths", "--json") for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["added"] == 2
    assert json.loads(second.stdout)["unchanged"] == 2
    found = run(tmp_path, tmp_path, "search", "chosen.podoba", "dogs/2.png", "-k", "1", "--with-itself", "--json")
    assert [hit["label"] for hit in json.loads(found.stdout)["hits"]] == ["dogs"]
