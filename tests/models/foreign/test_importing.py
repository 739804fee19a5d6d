"""Layouts of published repositories, imported: descriptors are those of the raw graph, prepared in NumPy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from podoba.errors import ModelError
from podoba.models.card import Card, Source
from podoba.models.encoder import Encoder
from podoba.models.foreign.graph_file import read_graph
from podoba.models.foreign.importing import import_file, import_folder

Pictures = Callable[..., NDArray[np.uint8]]
FLOAT = TensorProto.FLOAT
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


def test_equal_files_make_equal_bytes(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("joint_clip")
    for name in ("a.onnx", "b.onnx"):
        import_folder(layout.folder, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_of_a_joint_model_the_part_that_sees_remains(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("joint_clip")
    import_folder(layout.folder, tmp_path / "model.onnx")
    graph = read_graph(tmp_path / "model.onnx").graph
    assert "vocabulary" not in [tensor.name for tensor in graph.initializer]
    assert "Gather" not in [node.op_type for node in graph.node]


def test_the_card_says_where_a_model_came_from(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("dinov2")
    (layout.folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    card = imported(layout, tmp_path / "model.onnx").card
    digest = hashlib.sha256(layout.graph.read_bytes()).hexdigest()
    assert card == Card(
        name="published",
        input_size=8,
        dim=6,
        resize="crop",
        shortest=8,
        exact=True,
        backbone="dinov2",
        source=Source(file="onnx/model.onnx", sha256=digest),
        licence="apache-2.0",
        notes="descriptors are of last_hidden_state, its first token",
    )
    source = Source(repository="facebook/dinov2-small", revision="0" * 40, file="onnx/model.onnx", sha256=digest)
    given = imported(layout, tmp_path / "given.onnx", name="dinov2-small", source=source, licence="mit").card
    assert (given.name, given.source, given.licence, given.calibration) == ("dinov2-small", source, "mit", None)


def test_a_tensor_that_a_person_names(repositories: Any, pictures: Pictures, tmp_path: Path) -> None:
    layout = repositories.layout("clip")
    maps = imported(layout, tmp_path / "model.onnx", output="patches").encode(pictures())
    assert maps.shape == (4, 6)  # inside the graph, of four sides: the mean of its maps
    with pytest.raises(ModelError, match="did you mean image_embeds"):
        imported(layout, tmp_path / "other.onnx", output="image_embed")
    assert not (tmp_path / "other.onnx").exists()


def test_a_file_by_its_name_wins_over_the_order_of_search(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("dynamically_quantised")
    assert import_folder(layout.folder, tmp_path / "a.onnx").precision == "float32"
    quantised = import_file(layout.graph, tmp_path / "b.onnx")
    assert (quantised.precision, quantised.one_at_a_time) == ("int8", True)
    assert quantised.source is not None
    assert quantised.source.file == "onnx/vision_model_quantized.onnx"
    beside = layout.graph.rename(layout.folder / "tiny-clip.onnx")
    assert (quantised.name, import_file(beside, tmp_path / "c.onnx").name) == ("published", "tiny-clip")


def test_a_file_with_our_card_is_copied(repositories: Any, tmp_path: Path) -> None:
    layout = repositories.layout("clip")
    own = layout.folder / "model.onnx"
    card = import_folder(layout.folder, own, name="ours")
    out = tmp_path / "copy.onnx"
    assert import_folder(layout.folder, out) == card  # although onnx/vision_model.onnx is there
    assert out.read_bytes() == own.read_bytes()
    with pytest.raises(ModelError, match="is the model itself"):
        import_folder(layout.folder, own)


@pytest.mark.parametrize("opset", [7, 9, 11, 12, 13, 15, 17, 18, 19, 20, 21, 22])
@pytest.mark.parametrize("output", ["image_embeds", "maps"])
def test_operators_of_every_age(opset: int, output: str, repositories: Any, pictures: Pictures, tmp_path: Path) -> None:
    graph = repositories.graph()
    graph.embedding(graph.maps(), "image_embeds")
    model = graph.model({"pixel_values": (FLOAT, ["b", 3, 8, 8])}, {"image_embeds": ["b", 5], "maps": ["b", 6, 4, 4]}, opset)
    layout = repositories.laid(repositories.write("model.onnx", model), output)
    found = imported(layout, tmp_path / "out.onnx", output=output).encode(pictures())
    assert np.abs(found - layout.expected(pictures())).max() <= 1e-6


def test_functions_of_a_model_stay(repositories: Any, pictures: Pictures, tmp_path: Path) -> None:
    graph = repositories.graph()
    graph.embedding(graph.add("Softened", graph.maps(), to="soft", domain="mine"), "image_embeds")
    model = graph.model({"pixel_values": (FLOAT, ["b", 3, 8, 8])}, {"image_embeds": ["b", 5]})
    steps = [helper.make_node("Tanh", ["x"], ["half"]), helper.make_node("Tanh", ["half"], ["y"])]
    model.functions.append(helper.make_function("mine", "Softened", ["x"], ["y"], steps, [helper.make_opsetid("", 17)]))
    model.opset_import.append(helper.make_opsetid("mine", 1))
    layout = repositories.laid(repositories.write("model.onnx", model), "image_embeds")
    found = imported(layout, tmp_path / "out.onnx").encode(pictures())
    assert np.abs(found - layout.expected(pictures())).max() <= 1e-6


def test_a_batch_of_two_that_is_written_into_the_graph_is_refused(repositories: Any, tmp_path: Path) -> None:
    graph = repositories.graph()
    graph.tokens(batch=2)
    model = graph.model({"pixel_values": (FLOAT, [2, 3, 8, 8])}, {"last_hidden_state": [2, 16, 6]})
    path = repositories.write("model.onnx", model, {"model_type": "vit"})
    with pytest.raises(ModelError, match="ONNX Runtime cannot run it") as raised:
        import_folder(path.parent, tmp_path / "out.onnx")
    assert str(raised.value).startswith(f"{path}: ")
    assert not list(tmp_path.glob("out*"))
