"""`podoba models import`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

Command = Callable[..., Any]
PROCESSOR = {
    "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 8}, "crop_size": {"height": 8, "width": 8},
    "resample": 3, "do_center_crop": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
}  # fmt: skip


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A repository's folder, whose encoder gives the pixels themselves, and their mean by colours."""
    nodes = [
        helper.make_node("Flatten", ["pixel_values"], ["image_embeds"]),
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["colours"]),
    ]
    sides = {"image_embeds": ["b", 192], "colours": ["b", 3, 1, 1]}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["b", 3, 8, 8])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in sides.items()],
    )
    folder = tmp_path / "clip"
    (folder / "onnx").mkdir(parents=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "onnx" / "vision_model.onnx"))
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return folder


def test_a_folder_becomes_a_model(command: Command, published: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "clip.onnx"
    done = command("models", "import", published, out, "--json")
    assert done.json == {"model": str(published), "out": str(out), "dim": 192, "input_size": 8}
    card = command("models", "show", out, "--json").json
    assert (card["name"], card["resize"], card["source"]["file"]) == ("clip", "crop", "onnx/vision_model.onnx")


def test_a_file_and_a_tensor_by_its_name(command: Command, published: Path, tmp_path: Path) -> None:
    out = tmp_path / "colours.onnx"
    done = command("models", "import", published / "onnx" / "vision_model.onnx", out, "--output", "colours")
    assert done.code == 0
    assert "3 numbers of 8 x 8 pixels; descriptors are of colours, the mean of its maps" in done.err


def test_what_cannot_be_imported_is_one_line(command: Command, published: Path, tmp_path: Path) -> None:
    (published / "preprocessor_config.json").unlink()
    for source in (published, published / "onnx" / "vision_model.onnx", tmp_path / "missing", tmp_path):
        done = command("models", "import", source, tmp_path / "out.onnx")
        assert done.code == 1
        assert done.err.startswith("error: ")
        assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "out.onnx").exists()
