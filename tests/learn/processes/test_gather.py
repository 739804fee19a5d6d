from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("gradients.py")


def test_every_loss_has_the_gradient_of_one_process_with_the_whole_batch(port: int) -> None:
    variables = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env={**os.environ, **variables, "RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        answers = [process.communicate(timeout=200) for process in started]
    finally:
        for process in started:
            process.kill()
    assert [process.returncode for process in started] == [0, 0], answers[0][1] + answers[1][1]
    found = json.loads(answers[0][0])
    for name, row in found.items():
        assert row["cosine"] == pytest.approx(1, abs=1e-9), name
        assert row["norm"] == pytest.approx(1, abs=1e-7), name
        assert row["loss"] == pytest.approx(0, abs=1e-9), name
        assert row["equal"], name
    assert found["triplet"]["apart"] < 0.99  # each process mining its own share
