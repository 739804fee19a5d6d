"""Text towers of published repositories: descriptors are those of the raw graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from podoba.errors import ModelError
from podoba.models.foreign.text_graph import TextGraph, write_text_graph


def run(path: Path, tensor: str, inputs: dict[str, Any]) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run([tensor], inputs)[0]


def unit(vectors: Any) -> Any:
    return vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)


def test_the_text_half_of_a_joint_model(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("joint_clip")
    found = write_text_graph(layout.folder, tmp_path / "text.onnx")
    assert found == TextGraph("onnx/model.onnx", None, False, 5)
    tokens = np.array([[3, 1, 4, 1, 5]])
    pixels = np.zeros((1, 3, 8, 8), dtype=np.float32)
    raw = run(layout.graph, "text_embeds", {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "pixel_values": pixels})
    assert np.abs(run(tmp_path / "text.onnx", "descriptors", {"tokens": tokens}) - unit(raw)).max() <= 1e-6


def test_immich_takes_texts_of_one_length(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("immich")
    found = write_text_graph(layout.folder, tmp_path / "text.onnx")
    assert found == TextGraph("textual/model.onnx", 7, False, 5)
    tokens = np.array([[3, 1, 4, 1, 5, 9, 2]])
    raw = run(layout.folder / "textual/model.onnx", "embedding", {"text": tokens.astype(np.int32)})
    assert np.abs(run(tmp_path / "text.onnx", "descriptors", {"tokens": tokens}) - unit(raw)).max() <= 1e-6


def test_a_mask_is_given_on(repositories: Any, tmp_path: Path) -> None:
    folder, path = repositories.masked_text()
    found = write_text_graph(folder, tmp_path / "text.onnx")
    assert found == TextGraph("onnx/text_model.onnx", None, True, 5)
    tokens, mask = np.array([[3, 1, 4, 0]]), np.array([[1, 1, 1, 0]])
    raw = run(path, "text_embeds", {"input_ids": tokens, "attention_mask": mask})
    mine = run(tmp_path / "text.onnx", "descriptors", {"tokens": tokens, "mask": mask})
    assert np.abs(mine - unit(raw)).max() <= 1e-6
    assert np.abs(mine - run(tmp_path / "text.onnx", "descriptors", {"tokens": tokens, "mask": np.ones_like(mask)})).max() > 1e-3


@pytest.mark.parametrize(("layout", "reason"), [("vit", "is computed from pixel_values"), ("clip", "has none of")])
def test_a_repository_without_words(layout: str, reason: str, repositories: Any, tmp_path: Path) -> None:
    folder = repositories.layout(layout).folder
    with pytest.raises(ModelError, match=reason) as raised:
        write_text_graph(folder, tmp_path / "text.onnx")
    assert "\n" not in str(raised.value)


def test_pictures_in_place_of_words(repositories: Any, tmp_path: Path) -> None:
    folder = repositories.layout("joint_clip").folder
    with pytest.raises(ModelError, match="tokens with their mask are all that can be given"):
        write_text_graph(folder, tmp_path / "text.onnx", output="image_embeds")
