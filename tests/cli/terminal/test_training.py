"""The layers of a network; what a training prints is tested with the command."""

from __future__ import annotations

import json

import pytest

from podoba.cli.terminal.training import print_layers

ROWS = [("backbone", "512", 1000, 0), ("dense: descriptor", "8", 4104, 4104)]


def test_counts_are_summed(capsys: pytest.CaptureFixture[str]) -> None:
    print_layers(ROWS, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "trainable"]
    assert lines[-1].split() == ["total", "5,104", "4,104"]
    print_layers(ROWS, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["parameters"], printed["trainable_parameters"]) == (5104, 4104)
    assert printed["layers"][0] == {"layer": "backbone", "output": "512", "parameters": 1000, "trainable_parameters": 0}
