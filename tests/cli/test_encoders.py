"""Models by name, as the commands open them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from podoba.cli.encoders import model_file, open_encoder
from podoba.cli.options import Device
from podoba.models.names import timm_path
from podoba.models.sessions import DeviceName

Command = Callable[..., Any]


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


def test_every_command_that_encodes_takes_a_device(
    command: Command, collection: Path, photos: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = photos / "red" / "12.png"
    for arguments in (
        ("index", collection, photos),
        ("index", photos.with_suffix(".podoba"), photos, "--model", trained),
        ("search", collection, query),
        ("search", collection, query, "--model", trained),
        ("mark", collection, query, "--wrong", "0123456789abcdef", "--model", trained),
        ("evaluate", trained, photos),
    ):
        done = command(*arguments, "--device", "openvino")
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            "error: openvino cannot be used: this ONNX Runtime cannot compute on it: install onnxruntime-openvino in the place "
            "of onnxruntime, or use --device cpu\n"
        )
    assert not photos.with_suffix(".podoba").exists()
    monkeypatch.setenv("PODOBA_DEVICE", "openvino")
    assert command("search", collection, query).code == 1
    assert command("search", collection, query, "--device", "cpu").code == 0
    assert command("models", "show", trained).code == 0  # which computes nothing
    assert command("search", collection, query, "--device", "abacus").code == 2


def test_the_devices_of_the_command_line_are_those_of_the_encoder() -> None:
    assert get_args(Device) == get_args(DeviceName)
