"""PyTorch is loaded after that was said, and threads wait passively unless a whole network learns."""

from __future__ import annotations

import os
import sys

import pytest

from podoba.cli.terminal.loading import load_torch
from podoba.errors import MissingExtra


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "")  # so that it is put back
    monkeypatch.delenv("OMP_WAIT_POLICY")


@pytest.mark.parametrize("from_scratch", [False, True])
def test_threads_wait_passively_unless_a_network_learns_from_scratch(from_scratch: bool) -> None:
    load_torch(from_scratch=from_scratch)
    assert os.environ.get("OMP_WAIT_POLICY") == (None if from_scratch else "passive")


def test_it_says_what_takes_so_long(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    load_torch()
    assert capsys.readouterr().err == ""  # it was loaded already

    def missing(module: str, extra: str) -> None:
        raise MissingExtra(module, extra)

    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr("podoba.cli.terminal.loading.require", missing)
    with pytest.raises(MissingExtra):
        load_torch()
    assert capsys.readouterr().err == "loading PyTorch\n"
