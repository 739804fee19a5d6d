"""How threads wait for each other is set before torch is loaded, and what the person has set stays."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from podoba.learn.accelerate.threads import wait_passively


@pytest.mark.parametrize(("before", "after"), [(None, "passive"), ("active", "active"), ("", "")])
def test_what_the_person_has_set_stays(monkeypatch: pytest.MonkeyPatch, before: str | None, after: str) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if before is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", before)
    wait_passively()
    assert os.environ["OMP_WAIT_POLICY"] == after


def test_it_does_not_load_torch() -> None:
    code = "import sys, podoba.cli.terminal.loading, podoba.study.plan; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
