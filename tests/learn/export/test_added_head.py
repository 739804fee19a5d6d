from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.learn.export.added_head import add_head
from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import build_backbone
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.runs.settings import BackboneSettings

SIDE = 16


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), SIDE)
    card = Card.make(name="x", input_size=SIDE, dim=backbone.feature_dim, backbone="small-digits")
    export_onnx(backbone, card, tmp_path / "x.onnx")
    return Encoder(tmp_path / "x.onnx", 1)


def test_descriptors_are_mapped_moved_and_of_unit_length_again_also_twice(encoder: Encoder, tmp_path: Path) -> None:
    rng, dim = np.random.default_rng(0), encoder.card.dim
    images = rng.integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
    expected, before = encoder.encode(images), encoder.path
    for number in (1, 2):
        weight = (np.eye(dim) + 0.1 * rng.standard_normal((dim, dim))).astype(np.float32)
        bias = (0.1 * rng.standard_normal(dim)).astype(np.float32)
        after = tmp_path / f"{number}.onnx"
        add_head(before, weight, bias, encoder.card.model_copy(update={"name": str(number)}), after)
        expected = expected @ weight.T + bias
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        made = Encoder(after, 1)
        assert made.card.name == str(number)
        np.testing.assert_allclose(made.encode(images), expected, atol=1e-5)
        before = after
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["1.onnx", "2.onnx", "x.onnx"]
