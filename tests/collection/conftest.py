"""A tiny model and pictures for collections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item
from podoba.models.calibration import Calibration
from podoba.models.card import CARD_KEY, Card
from podoba.models.encoder import Encoder

SIZE = 8
SMALL_DIM = 16
DIM = SIZE * SIZE * 3
CALIBRATION = Calibration(nearness=2.0, contrast=1.0, intercept=-3.0, usual_mean=0.0, usual_spread=0.3)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model file: flattened pixels around grey, normalised; calibrated."""
    return write_model(tmp_path / "model.onnx", calibration=CALIBRATION)


@pytest.fixture
def encoder(model: Path) -> Encoder:
    return Encoder(model, threads=1)


@pytest.fixture
def other_encoder(tmp_path: Path) -> Encoder:
    """Of another model, never calibrated."""
    return Encoder(write_model(tmp_path / "other.onnx", 90.0, notes="another"), threads=1)


@pytest.fixture
def half_blind(tmp_path: Path) -> Encoder:
    """Of a model that has no descriptor of a picture that is grey all over: its numbers are all zero."""
    return Encoder(write_model(tmp_path / "half-blind.onnx", 128.0), threads=1)


@pytest.fixture
def grey() -> Callable[[Path], Path]:
    """Writes a picture that is grey all over."""

    def write(path: Path) -> Path:
        Image.new("RGB", (12, 10), (128, 128, 128)).save(path)
        return path

    return write


@pytest.fixture
def filled(tmp_path: Path, encoder: Encoder) -> Collection:
    """A collection of 60 items with labels, attributes and descriptors at random."""
    collection = Collection.open(tmp_path / "filled.podoba", create=True)
    collection.claim(encoder, "tiny")
    descriptors = np.random.default_rng(0).standard_normal((60, DIM)).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    collection.put([make_item(i) for i in range(60)], descriptors)
    return collection


@dataclass(frozen=True)
class Named:
    """What a collection remembers of an encoder."""

    card: Card = field(default_factory=lambda: Card.make(name="small", input_size=SIZE, dim=SMALL_DIM, backbone="none"))
    fingerprint: str = "0123456789abcdef"
    path: Path = Path("/models/small.onnx")


def overlapping(seed: int, count: int) -> np.ndarray:
    """Descriptors (count, 16) of 40 clusters that overlap, the same clusters for every seed."""
    centres = np.random.default_rng(99).standard_normal((40, SMALL_DIM))
    rng = np.random.default_rng(seed)
    found = (centres[rng.integers(0, 40, count)] + 0.7 * rng.standard_normal((count, SMALL_DIM))).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


@pytest.fixture
def descriptors_of() -> Callable[[int, int], np.ndarray]:
    return overlapping


SMALL = IndexSettings(exact_bytes=0, beside_bytes=4 * SMALL_DIM * 50, worth=0, sample=200)


@pytest.fixture
def small() -> IndexSettings:
    """Settings by which a small collection counts as large."""
    return SMALL


@pytest.fixture
def indexed(tmp_path: Path) -> Collection:
    """A collection of 2,000 items of 16 numbers which counts as large, with an index."""
    collection = Collection.open(tmp_path / "indexed.podoba", create=True, index_settings=SMALL)
    collection.claim(Named(), "small")
    collection.put([make_item(i) for i in range(2000)], overlapping(0, 2000))
    assert collection.refresh_index() is None
    return collection


@pytest.fixture
def item_of() -> Callable[[int], Item]:
    """The items of `filled` by their place."""
    return make_item


def make_item(i: int) -> Item:
    attributes: dict[str, str | int | float | None] = {"price": i * 0.5, "city": ["Київ", "Дніпро", None][i % 3]}
    if i % 10 == 0:
        attributes["mixed"] = "ten" if i % 20 else i
    label = ["cat", "dog", None, "it's"][i % 4]
    return Item(
        f"{i:016x}", f"/pictures/{'beach' if i % 5 == 0 else 'town'}/{i}.jpg", "/pictures", label, f"{i:064x}", 1000 + i,
        "1-2", 100 * i, 50, "PNG" if i % 2 else "JPEG", attributes,
    )  # fmt: skip


def write_model(path: Path, grey: float = 127.25, **facts: Any) -> Path:
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["real", "grey"], ["centred"]),
        helper.make_node("Flatten", ["centred"], ["flat"], axis=1),
        helper.make_node("LpNormalization", ["flat"], ["descriptors"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("batch", SIZE, SIZE, 3))],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ("batch", DIM))],
        [helper.make_tensor("grey", TensorProto.FLOAT, [], [grey])],
    )
    onnx_model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    entry = onnx_model.metadata_props.add()
    entry.key = CARD_KEY
    entry.value = Card(name="tiny", input_size=SIZE, dim=DIM, backbone="none", **facts).to_json()
    onnx.save(onnx_model, str(path))
    return path
