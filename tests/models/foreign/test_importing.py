"""Layouts of published repositories, imported: descriptors are those of the raw graph, prepared in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.models.encoder import Encoder
from podoba.models.foreign.importing import import_folder

Pictures = Callable[..., NDArray[np.uint8]]
LAYOUTS = (
    "clip", "joint_clip", "siglip", "siglip2", "dinov2", "vit", "resnet", "convnext", "mobileclip", "immich", "timm",
    "channels_last", "outside_weights", "one_picture_only", "names_of_ours", "dynamically_quantised",
)  # fmt: skip


def imported(layout: Any, out: Path, **options: Any) -> Encoder:
    card = import_folder(layout.folder, out, file=str(layout.graph.relative_to(layout.folder)), **options)
    encoder = Encoder(out, 1)
    assert encoder.card == card
    return encoder


@pytest.mark.parametrize("name", LAYOUTS)
def test_descriptors_are_those_of_the_raw_graph(name: str, repositories: Any, pictures: Pictures, tmp_path: Path) -> None:
    layout, images = repositories.layout(name), pictures()
    encoder = imported(layout, tmp_path / "made" / "model.onnx")
    assert np.abs(encoder.encode(images) - layout.expected(images)).max() <= 1e-6
    assert encoder.card.one_at_a_time == (name in ("one_picture_only", "dynamically_quantised"))


def test_half_precision(repositories: Any, pictures: Pictures, tmp_path: Path) -> None:
    """The raw graph rounds its result to half precision; ONNX Runtime leaves that out where single precision follows."""
    layout, images = repositories.layout("half"), pictures()
    encoder = imported(layout, tmp_path / "model.onnx")
    assert encoder.card.precision == "float16"
    assert np.abs(encoder.encode(images) - layout.expected(images)).max() <= 2**-11
