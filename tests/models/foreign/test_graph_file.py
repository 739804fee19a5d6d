"""Files of graphs: what is refused, weights outside, and writing without holding the weights twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from podoba.errors import ModelError
from podoba.models.foreign.graph_file import LARGEST, append_metadata, bring_inside, read_graph, write_graph, writing

# Runs in a process of its own, whose peak of memory is measured: prints MiB above what the libraries themselves take.
IMPORT = """
import re, sys
from pathlib import Path
import numpy, onnxruntime
from podoba.models.foreign.importing import import_folder
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 2**10
before = peak()
import_folder(Path(sys.argv[1]), Path(sys.argv[2]))
print(peak() - before)
"""


def large(count: int, width: int) -> onnx.ModelProto:
    """Matrices (width, width) one behind the other, with functions, notes and a graph within a node beside them."""
    weight = np.random.default_rng(0).standard_normal((width, width)).astype(np.float32) / np.float32(width**0.5)
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["colours"]),
        helper.make_node("Flatten", ["colours"], ["flat"]),
        helper.make_node("MatMul", ["flat", "first"], ["x0"]),
    ]
    for i in range(count):
        nodes += [helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"y{i}"]), helper.make_node("Tanh", [f"y{i}"], [f"x{i + 1}"])]
    nodes.append(helper.make_node("Identity", [f"x{count}"], ["image_embeds"]))
    graph = helper.make_graph(
        nodes,
        "large",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["b", 3, 8, 8])],
        [helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, ["b", width])],
        [numpy_helper.from_array(weight[:3], "first"), *(numpy_helper.from_array(weight, f"w{i}") for i in range(count))],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tests")


def test_written_is_what_was_read(tmp_path: Path) -> None:
    model = large(3, 64)
    model.metadata_props.add(key="kept", value="yes")
    write_graph(onnx.ModelProto.FromString(model.SerializeToString()), tmp_path / "a.onnx")
    write_graph(onnx.ModelProto.FromString(model.SerializeToString()), tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    assert read_graph(tmp_path / "a.onnx") == model
    append_metadata(tmp_path / "a.onnx", {"card": "ours"})
    found = read_graph(tmp_path / "a.onnx")
    assert {entry.key: entry.value for entry in found.metadata_props} == {"kept": "yes", "card": "ours"}
    assert found.graph == model.graph


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="its peak is read from /proc")
def test_an_import_takes_about_twice_the_memory_of_its_file(repositories: Any, tmp_path: Path) -> None:
    path = repositories.write("onnx/vision_model.onnx", large(32, 1024))  # 128 MiB
    size = path.stat().st_size / 2**20
    run = [sys.executable, "-c", IMPORT, str(repositories.folder), str(tmp_path / "out.onnx")]
    grown = float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    assert 1 < grown / size < 2.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no graph in it"),
        (b"\xff" * 100, "damaged, or not an ONNX model"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull"),
        (b"<!DOCTYPE html><html></html>", "not an ONNX model"),
        (large(1, 8).SerializeToString()[:-300], "damaged, or not an ONNX model"),
    ],
)
def test_no_graphs(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=reason) as raised:
        read_graph(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_and_operators_that_are_too_old(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_graph(tmp_path / "missing.onnx")
    model = large(1, 8)
    model.opset_import[0].version = 6
    (tmp_path / "old.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="of opset 6, and the oldest that is read is 7"):
        read_graph(tmp_path / "old.onnx")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    onnx.save(large(2, 16), str(path), save_as_external_data=True, location="model.onnx_data", size_threshold=0)
    return path


def damage_missing(path: Path) -> None:
    path.with_name("model.onnx_data").unlink()


def damage_short(path: Path) -> None:
    data = path.with_name("model.onnx_data")
    data.write_bytes(data.read_bytes()[:-1])


def damage_elsewhere(path: Path) -> None:
    edit(path, "location", "../model.onnx_data")


def damage_huge(path: Path) -> None:
    edit(path, "length", str(LARGEST))


def damage_number(path: Path) -> None:
    edit(path, "offset", "many")


def edit(path: Path, key: str, text: str) -> None:
    model = onnx.load(str(path), load_external_data=False)
    next(entry for entry in model.graph.initializer[1].external_data if entry.key == key).value = text
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (damage_missing, "put the file beside the graph"),
        (damage_short, "cut off"),
        (damage_elsewhere, "outside of its folder"),
        (damage_huge, "one model file holds at most 2.1 GB"),
        (damage_number, "damaged"),
    ],
)
def test_weights_outside_that_cannot_be_read(outside: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(outside)
    with pytest.raises(ModelError, match=reason) as raised:
        bring_inside(read_graph(outside), outside)
    assert "\n" not in str(raised.value)


def test_weights_outside_are_brought_inside_through_links_too(outside: Path, tmp_path: Path) -> None:
    data = outside.with_name("model.onnx_data")
    data.rename(tmp_path / "blob")
    data.symlink_to(tmp_path / "blob")  # as the cache of huggingface_hub keeps its files
    model = read_graph(outside)
    bring_inside(model, outside)
    assert {tensor.name: tensor.raw_data for tensor in model.graph.initializer} == {
        tensor.name: tensor.raw_data for tensor in large(2, 16).graph.initializer
    }


def test_what_is_written_stands_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "new" / "model.onnx"
    with pytest.raises(ModelError), writing(out) as draft:  # noqa: PT012
        draft.write_text(json.dumps("half"))
        raise ModelError("no descriptor")
    assert list(out.parent.iterdir()) == []
    with pytest.raises(ModelError, match="cannot be written"), writing(Path("/proc/nowhere/model.onnx")):
        pass
