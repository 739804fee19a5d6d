"""Collections in a vector database, with a model that was never there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.transfer.importer import ForeignModel
from podoba.images.sources.base import record_id
from podoba.models.calibration import Calibration
from podoba.models.card import Card
from podoba.scale.vectors.settings import VectorSettings
from tests.scale.servers.milvus import MilvusProcess

DIM = 32
QUICK = VectorSettings(connect_seconds=5, seconds=20, sample_seconds=0.0)
COUNTER = itertools.count()


def make_model(name: str = "tiny", dim: int = DIM, notes: str = "") -> ForeignModel:
    card = Card.make(
        name=name, input_size=8, dim=dim, backbone="none", notes=notes,
        calibration=Calibration(nearness=2.0, contrast=1.0, intercept=-3.0, usual_mean=0.0, usual_spread=0.3),
    )  # fmt: skip
    return ForeignModel(card, f"{abs(hash((name, dim, notes))):016x}"[:16], Path(f"/nowhere/{name}.onnx"))


def make_item(row: int, **facts: object) -> Item:
    uri = f"/photos/{row:05d}.jpg"
    item = Item(
        record_id(uri),
        uri,
        "/photos",
        ["cat", "dog", None][row % 3],
        f"{row:064x}",
        1000 + row,
        f"{row}-1",
        100 * row,
        50,
        "JPEG",
    )
    changed = replace(item, **facts)  # type: ignore[arg-type]
    return replace(changed, id=record_id(changed.uri))


def unit(rows: int, dim: int = DIM, seed: int = 0) -> Floats:
    values = np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)
    made: Floats = values / np.linalg.norm(values, axis=1, keepdims=True)
    return made


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_DATA", str(tmp_path / "data"))


def new_name(server: MilvusProcess) -> str:
    """The address of a collection that is not there yet."""
    return f"milvus://{server.address}/photos_{next(COUNTER)}"


@pytest.fixture
def new_address(milvus_server: MilvusProcess) -> Callable[[], str]:
    """Addresses of collections that are not there yet."""
    return lambda: new_name(milvus_server)
