"""The encoder: from images to descriptors, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from podoba.errors import ModelError
from podoba.models.encoder import Encoder

SIZE, DIM = 8, 192
MakeModel = Callable[..., Path]


def images_of(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)


def test_descriptors_are_those_of_the_graph_whatever_the_batches(make_model: MakeModel) -> None:
    encoder = Encoder(make_model(), threads=1)
    images = images_of(13)
    found = encoder.encode(images, batch_size=5)
    flat = images.reshape(13, -1).astype(np.float64) - 127.25
    expected = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(found, encoder.encode(images, batch_size=100))
    assert encoder.encode(images[:0]).shape == (0, DIM)


@pytest.mark.parametrize("images", [images_of(2)[0], images_of(2)[:, :4], images_of(2).astype(np.float32), images_of(2)[..., :1]])
def test_images_of_another_shape_or_type_are_a_mistake(make_model: MakeModel, images: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"uint8 \(N, 8, 8, 3\)"):
        Encoder(make_model()).encode(images)


def test_the_fingerprint_is_of_the_files_bytes(make_model: MakeModel) -> None:
    path = make_model()
    assert Encoder(path).fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert Encoder(make_model("other.onnx", version="2")).fingerprint != Encoder(path).fingerprint


def test_an_encoder_on_one_thread_is_opened_once(make_model: MakeModel) -> None:
    alone = Encoder(make_model(), threads=1)
    assert alone.on_one_thread is alone
    shared = Encoder(make_model())
    assert shared.on_one_thread is shared.on_one_thread is not shared
    assert shared.on_one_thread.fingerprint == shared.fingerprint


def test_a_file_that_is_missing_or_no_model_is_refused(tmp_path: Path, make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        Encoder(tmp_path / "none.onnx")
    text = tmp_path / "text.onnx"
    text.write_text("not a model")
    with pytest.raises(ModelError, match=r"text\.onnx: damaged, or not an ONNX model"):
        Encoder(text)
    empty = tmp_path / "empty.onnx"
    empty.touch()
    with pytest.raises(ModelError, match=r"empty\.onnx"):
        Encoder(empty)
    whole = make_model().read_bytes()
    for share in (0.2, 0.5, 0.9):
        cut = tmp_path / "cut.onnx"
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ModelError):
            Encoder(cut)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"card": None}, "without a podoba card.*podoba train"),
        ({"card": "{"}, "card is damaged"),
        ({"kind": TensorProto.FLOAT}, r"not a descriptor model.*tensor\(float\)"),
        ({"output": "embedding"}, "not a descriptor model.*embedding"),
        ({"input_size": 16}, "images has the shape"),
        ({"shape": (1, SIZE, SIZE, 3)}, "images has the shape"),
        ({"dim": 5}, "descriptors has the shape"),
    ],
)
def test_a_foreign_model_is_refused_with_what_is_wrong(make_model: MakeModel, wrong: dict[str, object], says: str) -> None:
    path = make_model(**wrong)
    with pytest.raises(ModelError, match=says) as caught:
        Encoder(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_graph_that_breaks_its_cards_promise_is_noticed_when_it_runs(make_model: MakeModel) -> None:
    sides = ("batch", "h", "w", "c")
    encoder = Encoder(make_model("wide.onnx", shape=sides, dim=5))
    with pytest.raises(ModelError, match=r"shape \(2, 192\) where its card says \(2, 5\)"):
        encoder.encode(images_of(2))
    with pytest.raises(ModelError, match="not finite"):
        Encoder(make_model("broken.onnx", grey=float("nan"))).encode(images_of(2))
    unscaled = [helper.make_node("Identity", ["flat"], ["descriptors"])]
    with pytest.raises(ModelError, match="not of unit length"):
        Encoder(make_model("unscaled.onnx", last=unscaled)).encode(images_of(2))
    open_sides = make_model("open.onnx", shape=sides, input_size=4, dim=48)
    assert Encoder(open_sides).encode(images_of(2)[:, :4, :4]).shape == (2, 48)


ZERO = [helper.make_node("LpNormalization", ["flat"], ["descriptors"], axis=1, p=2)]
NAN = [
    helper.make_node("ReduceL2", ["flat"], ["length"], axes=[1], keepdims=1),
    helper.make_node("Div", ["flat", "length"], ["descriptors"]),
]
INFINITE = [
    helper.make_node("ReduceL2", ["flat"], ["length"], axes=[1], keepdims=1),
    helper.make_node("Log", ["length"], ["log"]),
    helper.make_node("IsInf", ["log"], ["bad"]),
    helper.make_node("LpNormalization", ["flat"], ["unit"], axis=1, p=2),
    helper.make_node("Where", ["bad", "log", "unit"], ["descriptors"]),
]
SPOILT = [  # one image without a direction spoils the whole batch, as where a batch is scaled together for 8 bits
    helper.make_node("ReduceL2", ["flat"], ["length"], axes=[1], keepdims=1),
    helper.make_node("Div", ["flat", "length"], ["unit"]),
    helper.make_node("ReduceMean", ["unit"], ["all"], axes=[0, 1], keepdims=1),
    helper.make_node("Sub", ["all", "all"], ["nothing"]),
    helper.make_node("Add", ["unit", "nothing"], ["descriptors"]),
]


@pytest.mark.parametrize("last", [ZERO, NAN, INFINITE, SPOILT], ids=["zero", "nan", "inf", "spoilt"])
@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_an_image_without_a_descriptor_is_told_apart_from_the_others(
    make_model: MakeModel, last: list[onnx.NodeProto], batch_size: int
) -> None:
    images = images_of(7)
    images[[2, 6]] = 128
    encoder = Encoder(make_model(grey=128.0, last=last))
    descriptors, valid = encoder.encode_valid(images, batch_size)
    assert valid.tolist() == [True, True, False, True, True, True, False]
    expected = images[valid].reshape(5, -1) - 128.0
    np.testing.assert_allclose(descriptors[valid], expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    with pytest.raises(ModelError, match="image 2: the model gives no descriptor"):
        encoder.encode(images, batch_size)
