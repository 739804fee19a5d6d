"""Servers that the tests of what goes beyond one machine share."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.collection.conftest import write_model
from tests.scale.servers.milvus import milvus_server
from tests.scale.servers.ray_cluster import ray_cluster, running_cluster
from tests.scale.servers.s3 import bucket, s3_server

__all__ = ["bucket", "milvus_server", "ray_cluster", "running_cluster", "s3_server"]

Write = Callable[[Path, int], Path]


@pytest.fixture(scope="session", autouse=True)
def _servers_end_with_the_tests() -> None:
    """Where the tests are ended from outside, so are the servers that they started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file: flattened pixels around grey, normalised."""
    return write_model(tmp_path / "model.onnx")


@pytest.fixture
def write() -> Write:
    """Writes a picture drawn from a seed."""

    def picture(path: Path, seed: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 255, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, "PNG")
        return path

    return picture


@pytest.fixture
def photos(tmp_path: Path, write: Write) -> Path:
    """Sixty pictures of three classes in two splits, with a damaged one, a link that leads nowhere, and what is left out."""
    root = tmp_path / "photos"
    for number in range(60):
        write(root / ("train" if number % 3 else "test") / f"class-{number % 4}" / f"{number}.png", number)
    (root / "train" / "class-1" / "damaged.jpg").write_bytes(b"no picture")
    (root / "train" / "class-1" / "away.jpg").symlink_to("nowhere")
    (root / "train" / "class-1" / "plain").write_bytes((root / "train" / "class-1" / "1.png").read_bytes())
    (root / "train" / "class-1" / "text").write_bytes(b"no picture")
    (root / ".podobaignore").write_text("*-thumb.png\n", encoding="utf-8")
    write(root / "train" / "class-1" / "1-thumb.png", 1)
    return root
