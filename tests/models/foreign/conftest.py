"""Tiny published repositories: graphs of the layouts that are met on hubs, with random weights, and their settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

SIZE, WIDTH, DIM = 8, 6, 5  # pixels a side, maps, numbers of an embedding
PATCHES = (SIZE // 2) ** 2
VOCABULARY, LENGTH = 50, 7
RESCALE, MEAN, STD = 1 / 255, (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
PROCESSOR = {
    "do_resize": True, "do_center_crop": True, "do_rescale": True, "do_normalize": True, "resample": 3, "rescale_factor": RESCALE,
    "size": {"shortest_edge": SIZE}, "crop_size": {"height": SIZE, "width": SIZE}, "image_mean": MEAN, "image_std": STD,
    "image_processor_type": "CLIPImageProcessor",
}  # fmt: skip
IMAGE = ["batch", 3, SIZE, SIZE]
FLOAT, HALF, LONG = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64
Numbers = NDArray[Any]


@dataclass
class Graph:
    """A graph that is being built, with random weights that are the same on every machine."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    kind: Any = np.float32

    def weight(self, name: str, *sides: int) -> str:
        random = np.random.default_rng([ord(letter) for letter in name])
        fan = int(np.prod(sides[1:])) if len(sides) == 4 else sides[0]
        self.constants.append(numpy_helper.from_array((random.standard_normal(sides) / np.sqrt(fan)).astype(self.kind), name))
        return name

    def numbers(self, name: str, *values: int) -> str:
        self.constants.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name

    def add(self, operator: str, *inputs: str, to: str, **attributes: Any) -> str:
        """Add a node whose result is named `to`; an attribute of a name of Python's is written with `_` behind it."""
        plain = {name.removesuffix("_"): value for name, value in attributes.items()}
        self.nodes.append(helper.make_node(operator, list(inputs), [to], **plain))
        return to

    def maps(self, pixels: str = "pixel_values", to: str = "maps") -> str:
        """(N, WIDTH, 4, 4) of pixels (N, 3, 8, 8)."""
        patches = self.add("Conv", pixels, self.weight("patch", WIDTH, 3, 2, 2), to="patches", strides=[2, 2])
        return self.add("Tanh", patches, to=to)

    def tokens(self, pixels: str = "pixel_values", to: str = "last_hidden_state", batch: int = 0) -> str:
        """(N, 16, WIDTH), each of all pixels."""
        rows = self.add("Reshape", self.maps(pixels), self.numbers("sides", batch, WIDTH, PATCHES), to="rows")
        mixed = self.add("MatMul", rows, self.weight("mixing", PATCHES, PATCHES), to="mixed")
        return self.add("Transpose", mixed, to=to, perm=[0, 2, 1])

    def embedding(self, maps: str, to: str) -> str:
        """(N, DIM) of maps."""
        flat = self.add("Flatten", maps, to=f"{to}_flat")
        return self.add("MatMul", flat, self.weight(f"{to}_projection", PATCHES * WIDTH, DIM), to=to)

    def words(self, to: str, ids: str = "input_ids") -> str:
        """(N, DIM) of token numbers (N, T)."""
        vectors = self.add("Gather", self.weight("vocabulary", VOCABULARY, DIM), ids, to="word_vectors")
        mean = self.add("ReduceMean", vectors, to="word_mean", axes=[1], keepdims=0)
        return self.add("MatMul", mean, self.weight("word_projection", DIM, DIM), to=to)

    def model(self, inputs: dict[str, tuple[int, Any]], outputs: dict[str, Any], opset: int = 17) -> onnx.ModelProto:
        """The model; inputs by their types and sides, outputs by their sides."""
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.kind))
        graph = helper.make_graph(
            self.nodes,
            "published",
            [helper.make_tensor_value_info(name, of, sides) for name, (of, sides) in inputs.items()],
            [helper.make_tensor_value_info(name, kind, sides) for name, sides in outputs.items()],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@dataclass
class Layout:
    """A repository on the disk.

    Attributes:
        folder: of it.
        graph: its graph, by which an import is judged.
        tensor: the one that holds the descriptors; three sides: the first token counts, four: the mean of the maps.
        pixels: its input of pictures; `kind`, `channels_last`: how it takes them.
    """

    folder: Path
    graph: Path
    tensor: str
    pixels: str = "pixel_values"
    kind: Any = np.float32
    channels_last: bool = False
    others: dict[str, Numbers] = field(default_factory=dict)

    def expected(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Descriptors by plain ONNX Runtime, picture by picture, and NumPy."""
        numbers = ((images * RESCALE).astype(np.float32) - np.array(MEAN, dtype=np.float32)) / np.array(STD, dtype=np.float32)
        numbers = (numbers if self.channels_last else numbers.transpose(0, 3, 1, 2)).astype(self.kind)
        session = onnxruntime.InferenceSession(self.graph, providers=["CPUExecutionProvider"])
        rows = [session.run([self.tensor], {self.pixels: numbers[i : i + 1]} | self.others)[0] for i in range(len(images))]
        found = np.concatenate(rows).astype(np.float64)
        vectors = found[:, 0] if found.ndim == 3 else found.reshape(*found.shape[:2], -1).mean(axis=2)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


class Repositories:
    """Writes tiny repositories below a folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / "published"

    def write(self, name: str, model: onnx.ModelProto, config: dict[str, Any] | None = None, **settings: Any) -> Path:
        """Write a graph by its path in the repository, its `config.json`, and what is not usual in its processor's settings."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(model.SerializeToString())
        (self.folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR | settings))
        if config is not None:
            (self.folder / "config.json").write_text(json.dumps(config))
        return path

    def graph(self, **options: Any) -> Graph:
        return Graph(**options)

    def layout(self, name: str) -> Layout:
        """One of the layouts that are met: the methods of this class that begin with `lay_`."""
        made: Layout = getattr(self, f"lay_{name}")()
        return made

    def laid(self, path: Path, tensor: str, **facts: Any) -> Layout:
        """What was written, and how it is to be judged."""
        return Layout(self.folder, path, tensor, **facts)

    def lay_clip(self) -> Layout:
        graph = Graph()
        graph.embedding(graph.maps(), "image_embeds")
        model = graph.model(
            {"pixel_values": (FLOAT, ["b", "c", "h", "w"])}, {"image_embeds": ["b", DIM], "maps": ["b", "c", 4, 4]}
        )
        return self.laid(self.write("onnx/vision_model.onnx", model, {"model_type": "clip"}), "image_embeds")

    def lay_joint_clip(self) -> Layout:
        graph = Graph()
        words = graph.words("text_embeds")
        image = graph.embedding(graph.maps(), "image_embeds")
        turned = graph.add("Transpose", words, to="text_turned", perm=[1, 0])
        graph.add("MatMul", image, turned, to="logits_per_image")
        model = graph.model(
            {"input_ids": (LONG, ["t", "l"]), "pixel_values": (FLOAT, ["b", 3, "h", "w"]), "attention_mask": (LONG, ["t", "l"])},
            {"logits_per_image": ["b", "t"], "text_embeds": ["t", DIM], "image_embeds": ["b", DIM]},
        )
        words_given = {name: np.ones((1, LENGTH), dtype=np.int64) for name in ("input_ids", "attention_mask")}
        path = self.write("onnx/model.onnx", model, {"model_type": "clip", "architectures": ["CLIPModel"]})
        return self.laid(path, "image_embeds", others=words_given)

    def lay_siglip(self) -> Layout:
        graph = Graph()
        graph.tokens()
        graph.embedding("maps", "pooler_output")
        outputs = {"last_hidden_state": ["b", PATCHES, WIDTH], "pooler_output": ["b", DIM]}
        model = graph.model({"pixel_values": (FLOAT, IMAGE)}, outputs)
        return self.laid(self.write("onnx/vision_model.onnx", model, {"model_type": "siglip"}), "pooler_output")

    def lay_siglip2(self) -> Layout:
        layout = self.lay_siglip()
        (self.folder / "config.json").write_text(json.dumps({"model_type": "siglip2", "architectures": ["Siglip2Model"]}))
        return layout

    def lay_dinov2(self) -> Layout:
        graph = Graph()
        graph.add("Gather", graph.tokens(), graph.numbers("first", 0), to="pooled", axis=1)
        graph.add("Tanh", "pooled", to="pooler_output")
        outputs = {"last_hidden_state": ["b", "t", WIDTH], "pooler_output": ["b", 1, WIDTH]}
        model = graph.model({"pixel_values": (FLOAT, IMAGE)}, outputs)
        return self.laid(self.write("onnx/model.onnx", model, {"model_type": "dinov2"}), "last_hidden_state")

    def lay_vit(self) -> Layout:
        graph = Graph()
        graph.tokens()
        model = graph.model({"pixel_values": (FLOAT, IMAGE)}, {"last_hidden_state": ["b", "t", WIDTH]})
        return self.laid(self.write("model.onnx", model, {"model_type": "vit"}), "last_hidden_state")

    def lay_resnet(self) -> Layout:
        graph = Graph()
        graph.add("GlobalAveragePool", graph.maps(to="last_hidden_state"), to="pooler_output")
        outputs = {"last_hidden_state": ["b", WIDTH, "h", "w"], "pooler_output": ["b", WIDTH, 1, 1]}
        model = graph.model({"pixel_values": (FLOAT, IMAGE)}, outputs)
        return self.laid(self.write("onnx/model.onnx", model, {"model_type": "resnet"}), "last_hidden_state")

    def lay_convnext(self) -> Layout:
        layout = self.lay_resnet()
        (self.folder / "config.json").write_text(json.dumps({"model_type": "convnext"}))
        return layout

    def lay_mobileclip(self) -> Layout:
        layout = self.lay_clip()
        (self.folder / "config.json").unlink()
        return layout

    def lay_immich(self) -> Layout:
        graph = Graph()
        graph.embedding(graph.maps("image"), "embedding")
        path = self.write("visual/model.onnx", graph.model({"image": (FLOAT, [1, 3, SIZE, SIZE])}, {"embedding": [1, DIM]}))
        text = Graph()
        text.words("embedding", "text")
        self.write("textual/model.onnx", text.model({"text": (TensorProto.INT32, [1, LENGTH])}, {"embedding": [1, DIM]}))
        return self.laid(path, "embedding", pixels="image")

    def lay_timm(self) -> Layout:
        graph = Graph()
        graph.embedding(graph.maps("x"), "features")
        path = self.write("model.onnx", graph.model({"x": (FLOAT, IMAGE)}, {"features": ["b", DIM]}), {"num_features": DIM})
        return self.laid(path, "features", pixels="x")

    def masked_text(self) -> tuple[Path, Path]:
        """The folder and the graph of a text tower that takes a mask."""
        graph = Graph()
        vectors = graph.add("Gather", graph.weight("vocabulary", VOCABULARY, DIM), "input_ids", to="vectors")
        graph.add("Cast", "attention_mask", to="counted", to_=FLOAT)
        graph.add("Unsqueeze", "counted", graph.numbers("last", -1), to="weights")
        kept = graph.add("Mul", vectors, "weights", to="kept")
        mean = graph.add("ReduceMean", kept, to="mean", axes=[1], keepdims=0)
        graph.add("MatMul", mean, graph.weight("word_projection", DIM, DIM), to="text_embeds")
        model = graph.model({"input_ids": (LONG, ["b", "l"]), "attention_mask": (LONG, ["b", "l"])}, {"text_embeds": ["b", DIM]})
        return self.folder, self.write("onnx/text_model.onnx", model)

    def lay_half(self) -> Layout:
        graph = Graph(kind=np.float16)
        graph.embedding(graph.maps(), "image_embeds")
        model = graph.model({"pixel_values": (HALF, IMAGE)}, {"image_embeds": ["b", DIM]})
        return self.laid(self.write("onnx/vision_model_fp16.onnx", model), "image_embeds", kind=np.float16)

    def lay_dynamically_quantised(self) -> Layout:
        layout = self.lay_clip()
        path = layout.graph.with_name("vision_model_quantized.onnx")
        quantize_dynamic(layout.graph, path, weight_type=QuantType.QUInt8)
        return self.laid(path, "image_embeds")

    def lay_channels_last(self) -> Layout:
        graph = Graph()
        turned = graph.add("Transpose", "image", to="turned", perm=[0, 3, 1, 2])
        graph.embedding(graph.maps(turned), "embedding")
        model = graph.model({"image": (FLOAT, ["b", SIZE, SIZE, 3])}, {"embedding": ["b", DIM]})
        return self.laid(self.write("model.onnx", model), "embedding", pixels="image", channels_last=True)

    def lay_outside_weights(self) -> Layout:
        layout = self.lay_clip()
        model = onnx.load(str(layout.graph))
        outside = f"{layout.graph.name}_data"
        onnx.save(model, str(layout.graph), save_as_external_data=True, location=outside, size_threshold=0)
        return layout

    def lay_one_picture_only(self) -> Layout:
        graph = Graph()
        graph.tokens(batch=1)
        model = graph.model({"pixel_values": (FLOAT, [1, 3, SIZE, SIZE])}, {"last_hidden_state": [1, PATCHES, WIDTH]})
        return self.laid(self.write("onnx/model.onnx", model, {"model_type": "vit"}), "last_hidden_state")

    def lay_names_of_ours(self) -> Layout:
        graph = Graph()
        inner = graph.add("Identity", graph.maps("images"), to="podoba_cast")
        graph.embedding(inner, "descriptors")
        graph.add("Tanh", "descriptors", to="image_embeds")
        model = graph.model({"images": (FLOAT, IMAGE)}, {"image_embeds": ["b", DIM], "descriptors": ["b", DIM]})
        return self.laid(self.write("model.onnx", model), "image_embeds", pixels="images")


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


@pytest.fixture
def pictures() -> Callable[..., NDArray[np.uint8]]:
    """Random pictures of a number and a side."""

    def draw(count: int = 4, size: int = SIZE) -> NDArray[np.uint8]:
        return np.random.default_rng(7).integers(0, 256, (count, size, size, 3), dtype=np.uint8)

    return draw
