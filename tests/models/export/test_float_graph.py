"""Model files as the plain ONNX that other programs take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from podoba.errors import ModelError
from podoba.models.bundled import BUNDLED, bundled_folder
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.export.float_graph import EMBEDDINGS, PIXELS, PROCESSOR_KEY, write_float_graph

MakeModel = Callable[..., Path]


def noise(size: int, count: int = 5) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def run(path: Path, pixels: NDArray[np.floating]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {PIXELS: pixels.astype(np.float32)})
    return np.asarray(found)


def written(path: Path, out: Path) -> Encoder:
    encoder = Encoder(path, device="cpu")
    write_float_graph(path, encoder.card, out)
    return encoder


@pytest.mark.parametrize("name", BUNDLED)
def test_descriptors_of_a_bundled_model_are_the_same(tmp_path: Path, name: str) -> None:
    encoder = written(bundled_folder(name) / "model.onnx", tmp_path / "deep" / "float.onnx")
    images = noise(encoder.card.input_size)
    found = run(tmp_path / "deep" / "float.onnx", images.transpose(0, 3, 1, 2) / 255)
    np.testing.assert_allclose(found, encoder.encode(images), atol=1e-5)


def test_the_graph_is_plain_and_tells_how_pictures_are_prepared(tmp_path: Path, make_model: MakeModel) -> None:
    encoder = written(make_model(resize="crop", shortest=9, resample="bilinear"), tmp_path / "float.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "float.onnx"), providers=["CPUExecutionProvider"])
    (pixels,), (embeddings,) = session.get_inputs(), session.get_outputs()
    assert (pixels.name, pixels.type, pixels.shape) == ("pixel_values", "tensor(float)", ["batch", 3, 8, 8])
    assert (embeddings.name, embeddings.type) == (EMBEDDINGS, "tensor(float)")
    stored = session.get_modelmeta().custom_metadata_map
    assert stored.keys() == {PROCESSOR_KEY}  # a card would promise another graph
    settings = json.loads(stored[PROCESSOR_KEY])
    assert (settings["size"], settings["crop_size"]["height"], settings["resample"]) == ({"shortest_edge": 9}, 8, 2)
    images = noise(8)
    np.testing.assert_array_equal(run(tmp_path / "float.onnx", images.transpose(0, 3, 1, 2) / 255), encoder.encode(images))


def test_brightness_is_rounded_and_kept_within_its_range(tmp_path: Path, make_model: MakeModel) -> None:
    encoder = written(make_model(), tmp_path / "float.onnx")
    images = noise(8)
    off = np.random.default_rng(1).uniform(-0.49, 0.49, images.shape)
    beyond = np.where(images == 255, 300.0, np.where(images == 0, -40.0, images + off))
    found = run(tmp_path / "float.onnx", beyond.transpose(0, 3, 1, 2) / 255)
    np.testing.assert_array_equal(found, encoder.encode(images))


def test_padded_pictures_are_refused_and_nothing_is_written(tmp_path: Path, make_model: MakeModel) -> None:
    path = make_model(resize="pad")
    with pytest.raises(ModelError, match=r"model\.onnx: pads pictures"):
        write_float_graph(path, Encoder(path, device="cpu").card, tmp_path / "out" / "float.onnx")
    assert not (tmp_path / "out").exists()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"\x08damaged")
    card = Card(name="x", input_size=8, dim=3, backbone="none")
    with pytest.raises(ModelError, match="damaged"):
        write_float_graph(tmp_path / "x.onnx", card, tmp_path / "y.onnx")
