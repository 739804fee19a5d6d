"""Pixels of a quantized graph are read as the bytes they are, where scaling and shifting allow it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from podoba.learn.export.byte_input import take_bytes
from podoba.learn.export.model_file import export_onnx
from podoba.learn.export.quantize import compare, quantize
from podoba.models.card import Card
from podoba.models.encoder import Encoder

SIZE = 16


class Scaled(nn.Module):
    """A convolution of pixels that were shifted and scaled."""

    mean: torch.Tensor

    def __init__(self, mean: float | list[float], std: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).reshape(1, -1, 1, 1))
        self.std = std
        self.maps = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Means of the maps."""
        found: torch.Tensor = self.maps((images - self.mean) / self.std)
        return found


def operators(path: Path) -> list[str]:
    return [node.op_type for node in onnx.load(str(path)).graph.node]


@pytest.fixture
def pixels() -> np.ndarray:
    images = np.random.default_rng(0).integers(0, 256, (40, SIZE, SIZE, 3), dtype=np.uint8)
    images[:20] //= 3  # dark ones, so that descriptors are not all alike
    return images


@pytest.mark.parametrize(
    ("mean", "std", "taken"),
    [(0.5, 0.5, True), (0.0, 1.0, True), (0.3, 0.25, True), ([0.4, 0.5, 0.6], 0.5, False), (2.0, 1.0, False)],
)
def test_the_descriptors_stay(mean: float | list[float], std: float, taken: bool, pixels: np.ndarray, tmp_path: Path) -> None:
    torch.manual_seed(0)
    export_onnx(Scaled(mean, std), Card.make(name="x", input_size=SIZE, dim=8, backbone="none"), tmp_path / "x.onnx")
    quantize(tmp_path / "x.onnx", pixels, tmp_path / "small.onnx")
    assert ("Cast" not in operators(tmp_path / "small.onnx")) == taken
    before, after = (Encoder(tmp_path / name, 1, device="cpu") for name in ("x.onnx", "small.onnx"))
    assert compare(before, after, pixels)["cosine"] > 0.999


def test_pixels_without_black_and_white_keep_their_way(pixels: np.ndarray, tmp_path: Path) -> None:
    torch.manual_seed(0)
    export_onnx(Scaled(0.5, 0.5), Card.make(name="x", input_size=SIZE, dim=8, backbone="none"), tmp_path / "x.onnx")
    quantize(tmp_path / "x.onnx", pixels // 4 + 90, tmp_path / "small.onnx")  # its range is another, and its shifts go with it
    assert "Cast" in operators(tmp_path / "small.onnx")


def test_a_graph_that_is_not_in_8_bits_is_left_as_it_is(tmp_path: Path) -> None:
    export_onnx(Scaled(0.5, 0.5), Card.make(name="x", input_size=SIZE, dim=8, backbone="none"), tmp_path / "x.onnx")
    graph = onnx.load(str(tmp_path / "x.onnx"))
    before = graph.SerializeToString()
    assert not take_bytes(graph)
    assert graph.SerializeToString() == before
