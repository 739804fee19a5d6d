"""Models by name, as the commands open them."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.cli.encoders import model_file, open_encoder
from podoba.models.names import timm_path


def test_a_timm_network_is_exported_once(
    tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))

    def export(name: str, path: Path) -> None:
        assert name == "timm/tiny"
        path.parent.mkdir(parents=True)
        path.write_bytes((trained / "model.onnx").read_bytes())

    monkeypatch.setattr("podoba.learn.export.timm_network.export_timm", export)
    assert model_file("timm/tiny") == timm_path("timm/tiny")
    assert open_encoder("timm/tiny", 1).card.dim == 8
    assert capsys.readouterr().err == ""
