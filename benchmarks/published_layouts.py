"""Tiny networks in the layouts in which well-known encoders are published: the same files, inputs, outputs and settings.

What they compute is no use: colours and shapes of random filters. They stand in for the real ones where those cannot be had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hub_stand_in import HubStandIn

DIM, PATCH, WORDS = 16, 16, 12
TEXTS = ("red", "green", "blue", "dark", "bright", "червоний", "зелений", "синій")
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
CROPPED = {"do_resize": True, "do_center_crop": True, "do_rescale": True, "do_normalize": True, "rescale_factor": 1 / 255}


def publish_all(hub: HubStandIn) -> None:
    """Put all five layouts into a stand-in of the hub, under the names of the real repositories."""
    for repository, files in layouts().items():
        hub.add(repository, files)


def layouts() -> dict[str, dict[str, bytes]]:
    """The files of each repository."""
    return {
        "onnx-community/dinov2-small": {
            "onnx/model.onnx": _image_graph(1, "pixel_values", tokens="last_hidden_state"),
            "config.json": _json({"model_type": "dinov2", "architectures": ["Dinov2Model"], "hidden_size": DIM}),
            "preprocessor_config.json": _json(
                {
                    **CROPPED, **IMAGENET, "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 256},
                    "crop_size": {"height": 224, "width": 224}, "resample": 3, "do_convert_rgb": True,
                }
            ),
        },
        "Xenova/clip-vit-base-patch32": {
            **_transformers("clip", "CLIPModel", _image_graph(2, "pixel_values", pooled="image_embeds"),
                            _text_graph(2, ["input_ids"], "text_embeds", None)),
            "preprocessor_config.json": _json(
                {
                    **CROPPED, **CLIP, "feature_extractor_type": "CLIPFeatureExtractor", "size": {"shortest_edge": 224},
                    "crop_size": {"height": 224, "width": 224}, "resample": 3, "do_convert_rgb": True,
                }
            ),
        },
        "onnx-community/siglip2-base-patch16-224-ONNX": {
            **_transformers("siglip", "SiglipModel",
                            _image_graph(3, "pixel_values", tokens="last_hidden_state", pooled="pooler_output"),
                            _text_graph(3, ["input_ids"], "pooler_output", None)),
            "preprocessor_config.json": _json(
                {
                    **HALF, "image_processor_type": "SiglipImageProcessor", "do_resize": True, "do_rescale": True,
                    "do_normalize": True, "rescale_factor": 1 / 255, "size": {"height": 224, "width": 224}, "resample": 2,
                }
            ),
        },
        "immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k": {
            "visual/model.onnx": _image_graph(4, "image", pooled="embedding"),
            "visual/preprocess_cfg.json": _json(
                {
                    "size": [224, 224], "mode": "RGB", "mean": CLIP["image_mean"], "std": CLIP["image_std"],
                    "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0,
                }
            ),
            "textual/model.onnx": _text_graph(4, ["text"], "embedding", 77, TensorProto.INT32),
            "textual/tokenizer.json": _tokenizer(),
            "textual/tokenizer_config.json": _json({"model_max_length": 77, "pad_token": "<pad>"}),
            "config.json": _json({"embed_dim": DIM, "vision_cfg": {"image_size": 224}, "text_cfg": {"context_length": 77}}),
        },
        "Xenova/mobileclip_s0": {
            **_transformers("clip", "CLIPModel", _image_graph(5, "pixel_values", pooled="image_embeds"),
                            _text_graph(5, ["input_ids"], "text_embeds", 77)),
            "preprocessor_config.json": _json(
                {
                    **CROPPED, "do_normalize": False, "image_mean": [0, 0, 0], "image_std": [1, 1, 1],
                    "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 256},
                    "crop_size": {"height": 256, "width": 256}, "resample": 2,
                }
            ),
        },
    }  # fmt: skip


def _transformers(kind: str, architecture: str, image: bytes, text: bytes) -> dict[str, bytes]:
    return {
        "onnx/vision_model.onnx": image,
        "onnx/text_model.onnx": text,
        "config.json": _json({"model_type": kind, "architectures": [architecture], "projection_dim": DIM}),
        "tokenizer.json": _tokenizer(),
        "tokenizer_config.json": _json({"model_max_length": 64 if kind == "siglip" else 77, "pad_token": "<pad>"}),
    }


def _image_graph(seed: int, pixels: str, *, tokens: str | None = None, pooled: str | None = None) -> bytes:
    """Patches by random filters; `tokens`: their mean before them all, (N, T, D); `pooled`: their mean, (N, D)."""
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(DIM, 3, PATCH, PATCH)).astype(np.float32) / PATCH
    nodes = [
        helper.make_node("Conv", [pixels, "kernel"], ["maps"], strides=[PATCH, PATCH]),
        helper.make_node("Relu", ["maps"], ["patches"]),
        helper.make_node("Reshape", ["patches", "flat"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["sequence"], perm=[0, 2, 1]),
        helper.make_node("ReduceMean", ["sequence"], ["first"], axes=[1], keepdims=1),
    ]
    outputs = []
    if tokens:
        nodes.append(helper.make_node("Concat", ["first", "sequence"], [tokens], axis=1))
        outputs.append(helper.make_tensor_value_info(tokens, TensorProto.FLOAT, ["batch", "length", DIM]))
    if pooled:
        nodes.append(helper.make_node("Reshape", ["first", "row"], [pooled]))
        outputs.append(helper.make_tensor_value_info(pooled, TensorProto.FLOAT, ["batch", DIM]))
    inputs = [helper.make_tensor_value_info(pixels, TensorProto.FLOAT, ["batch", 3, "height", "width"])]
    weights = {"kernel": kernel, "flat": np.array([0, DIM, -1], dtype=np.int64), "row": np.array([-1, DIM], dtype=np.int64)}
    return _model(nodes, inputs, outputs, weights)


def _text_graph(seed: int, names: Sequence[str], output: str, length: int | None, kind: int = TensorProto.INT64) -> bytes:
    """The mean of random vectors of the tokens, where there is a mask of those that it leaves in."""
    table = np.abs(np.random.default_rng(seed).normal(size=(WORDS + 4, DIM))).astype(np.float32)
    side: int | str = "length" if length is None else length
    nodes = [helper.make_node("Gather", ["table", names[0]], ["vectors"])]
    last = "vectors"
    if "attention_mask" in names:
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["real", "last"], ["column"]),
            helper.make_node("Mul", ["vectors", "column"], ["left"]),
        ]
        last = "left"
    nodes.append(helper.make_node("ReduceMean", [last], [output], axes=[1], keepdims=0))
    inputs = [helper.make_tensor_value_info(name, kind, ["batch", side]) for name in names]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", DIM])]
    weights = {"table": table} | ({"last": np.array([2], dtype=np.int64)} if last == "left" else {})
    return _model(nodes, inputs, outputs, weights)


def _model(nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], weights: Mapping[str, Any]) -> bytes:
    tensors = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "published", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _tokenizer() -> bytes:
    """A tokenizer of whole words, as `tokenizers` writes it."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    words = {word: number for number, word in enumerate([*special, *TEXTS])}
    added = [
        {
            "id": number, "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True,
        }
        for number, word in enumerate(special)
    ]  # fmt: skip
    return _json(
        {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Whitespace"}, "decoder": None,
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                           {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {name: {"id": name, "ids": [number], "tokens": [name]}
                                   for number, name in ((0, "<s>"), (2, "</s>"))},
            },
            "model": {"type": "WordLevel", "vocab": words, "unk_token": "<unk>"},
        }
    )  # fmt: skip


def _json(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, indent=2).encode()
