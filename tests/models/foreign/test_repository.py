"""What the files of a repository say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from podoba.errors import ModelError
from podoba.models.foreign.outputs import Network
from podoba.models.foreign.repository import existing, find_graph, folder_of, read_licence, read_network
from podoba.models.published.layout import IMAGE_GRAPHS


def test_graphs_are_looked_for_in_order(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has none of onnx/vision_model\.onnx, onnx/model\.onnx"):
        find_graph(tmp_path, IMAGE_GRAPHS)
    for name in reversed(IMAGE_GRAPHS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
        assert find_graph(tmp_path, IMAGE_GRAPHS) == tmp_path / name


def test_a_graph_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    assert existing(tmp_path / "model.onnx") == tmp_path / "model.onnx"
    with pytest.raises(ModelError, match=r"modal\.onnx: no such file: did you mean .*model\.onnx"):
        existing(tmp_path / "modal.onnx")


def test_the_folder_of_a_graph_is_that_of_its_processor(tmp_path: Path) -> None:
    graph = tmp_path / "onnx" / "model.onnx"
    assert folder_of(graph) == tmp_path / "onnx"
    (tmp_path / "preprocessor_config.json").write_text("{}")
    assert folder_of(graph) == tmp_path
    assert folder_of(tmp_path / "model.onnx") == tmp_path


@pytest.mark.parametrize(
    ("facts", "network"),
    [
        ({"model_type": "clip", "architectures": ["CLIPModel"]}, Network("clip", "CLIPModel")),
        ({"model_type": "vit"}, Network("vit", "vit")),
        ({"architecture": "resnet18", "num_features": 512}, Network("", "resnet18", 512)),
        ({"model_type": 3, "architectures": [], "num_features": "many"}, Network()),
    ],
)
def test_networks(facts: dict[str, object], network: Network, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(facts))
    assert read_network(tmp_path) == network


def test_no_network(tmp_path: Path) -> None:
    assert read_network(tmp_path) == Network()
    for text, reason in (("{", "damaged"), ("[]", "no settings of a network")):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(ModelError, match=reason):
            read_network(tmp_path)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("---\nlicense: apache-2.0\ntags:\n- vision\n---\n# A model\n", "apache-2.0"),
        ("---\nlicense: other\nlicense_name: apple-amlr\n---\n", "apple-amlr"),
        ("---\r\nlicense: mit\r\n---\r\n", "mit"),
        ("# A model\nlicense: mit\n", None),
        ("---\nlicense: [mit\n---\n", None),
        ("---\n- mit\n---\n", None),
        ("---\nlicense: mit\n", None),
    ],
)
def test_licences(text: str, licence: str | None, tmp_path: Path) -> None:
    assert read_licence(tmp_path) is None
    (tmp_path / "README.md").write_bytes(text.encode())
    assert read_licence(tmp_path) == licence
