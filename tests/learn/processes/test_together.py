from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import write_yaml

Make = Callable[..., Settings]
pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("run_script.py")


def on_two_machines(port: int, *command: str, cache: Path) -> list[subprocess.CompletedProcess[str]]:
    """Two torchruns of one process each, which find each other on loopback; each machine has a cache of its own."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1", "--node-rank", str(node),
             "--rdzv-backend", "static", "--master-addr", "127.0.0.1", "--master-port", str(port), *command],
            env={**os.environ, "OMP_NUM_THREADS": "1", "PODOBA_CACHE": str(cache / str(node))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for node in range(2)
    ]  # fmt: skip
    try:
        outputs = [process.communicate(timeout=200) for process in started]
    finally:
        for process in started:
            process.kill()
    return [
        subprocess.CompletedProcess(process.args, process.returncode, *output)
        for process, output in zip(started, outputs, strict=True)
    ]


@pytest.mark.parametrize("runs", [["first"], pytest.param(["first", "again"], marks=pytest.mark.thorough)])
def test_two_torchruns_learn_as_one_process(small: Make, tmp_path: Path, port: int, runs: list[str]) -> None:
    """To the last bit alike on both machines, and in every run."""
    settings = small(
        loss={"name": "supcon"}, optimizer={"name": "sgd", "lr": 0.01}, epochs=1, augmentation={"name": "crop"}, batch_size=12
    )
    write_yaml(settings, tmp_path / "settings.yaml")
    for run in runs:
        script = [str(SCRIPT), str(tmp_path / "settings.yaml"), str(tmp_path / run)]
        done = on_two_machines(port, *script, cache=tmp_path / "caches")
        assert [process.returncode for process in done] == [0, 0], done[0].stderr + done[1].stderr
    subprocess.run([sys.executable, str(SCRIPT), str(tmp_path / "settings.yaml"), str(tmp_path / "alone")], check=True)
    first, alone, *others = (
        torch.load(tmp_path / name, weights_only=True)
        for name in ("first-0.pt", "alone-0.pt", "first-1.pt", f"{runs[-1]}-0.pt", f"{runs[-1]}-1.pt")
    )
    for key, value in first.items():
        assert all(torch.equal(value, other[key]) for other in others)
        torch.testing.assert_close(value, alone[key], rtol=1e-3, atol=1e-5)
    environment = RunFolder(tmp_path / "first").read_environment()
    assert (environment["processes"], environment["nodes"], environment["backend"]) == (2, 2, "gloo")
    assert json.loads((tmp_path / "first" / "summary.json").read_text())["processes"] == 2
