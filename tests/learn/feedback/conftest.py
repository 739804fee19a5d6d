"""A collection of digits by their pixels, with marks, and random descriptors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from podoba.collection.collection import Collection, index_sources
from podoba.images.sources.open import open_source
from podoba.learn.feedback.marked_pairs import MarkedQuery
from podoba.models.calibration import Calibration
from podoba.models.card import CARD_KEY, Card
from podoba.models.encoder import Encoder

SIDE = 8
NUMBERS = SIDE * SIDE * 3


def pixel_model(path: Path) -> Path:
    """Grey-centred pixels as a descriptor."""
    nodes = [
        helper.make_node("Cast", ["images"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["real", "grey"], ["centred"]),
        helper.make_node("Flatten", ["centred"], ["flat"], axis=1),
        helper.make_node("LpNormalization", ["flat"], ["descriptors"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "pixels",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ("batch", SIDE, SIDE, 3))],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ("batch", NUMBERS))],
        [helper.make_tensor("grey", TensorProto.FLOAT, [], [30.0])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    entry = made.metadata_props.add()
    calibration = Calibration(nearness=2, contrast=0.5, intercept=-4, usual_mean=0.5, usual_spread=0.2)
    card = Card(name="pixels", input_size=SIDE, dim=NUMBERS, backbone="none", calibration=calibration)
    entry.key, entry.value = CARD_KEY, card.to_json()
    onnx.save(made, str(path))
    return path


@pytest.fixture
def pixels(tmp_path: Path) -> Encoder:
    """A model whose descriptors are grey-centred pixels."""
    return Encoder(pixel_model(tmp_path / "pixels.onnx"), threads=1)


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digits by their pixels, sixty of them queries whose 12 nearest are marked by their labels."""
    folder = tmp_path_factory.mktemp("marked")
    encoder = Encoder(pixel_model(folder / "pixels.onnx"), threads=1)
    path = folder / "digits.podoba"
    with Collection.open(path, create=True) as collection:
        index_sources(collection, [open_source("digits:test")], encoder, model=str(encoder.path))
        for item in collection.items()[:60]:
            mark_by_label(collection, item.id, item.label, 12)
    return path


def mark_by_label(collection: Collection, id_: str, label: str | None, k: int) -> None:
    hits = collection.search(f"id:{id_}", k=k).hits
    right, wrong = ([hit.id for hit in hits if (hit.label == label) is same] for same in (True, False))
    collection.mark(f"id:{id_}", right=right, wrong=wrong)


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    values = rng.standard_normal((count, 6))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values.astype(np.float32)


@pytest.fixture
def make_queries() -> Callable[[int], list[MarkedQuery]]:
    """Makes so many queries of 6 numbers, every second one without a descriptor of its own."""

    def make(count: int) -> list[MarkedQuery]:
        rng = np.random.default_rng(1)
        return [MarkedQuery(unit(rng, 1)[0] if i % 2 else None, unit(rng, 3 + i), unit(rng, 2 + i)) for i in range(count)]

    return make


@pytest.fixture
def sample() -> np.ndarray:
    """Five descriptors of 6 numbers that nobody marked."""
    return unit(np.random.default_rng(2), 5)
