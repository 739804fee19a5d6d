"""A network whose weights do not change, run over many images by the engine that is fastest there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from podoba.arrays import Floats
from podoba.learn.export.model_file import trace
from podoba.learn.networks.backbones import Backbone
from podoba.models.fast_convolutions import replace_convolutions
from podoba.models.sessions import session_of

Extract = Callable[[Tensor], Floats]


@dataclass(frozen=True)
class EngineSettings:
    """Which engine computes features.

    Attributes:
        onnx_from: images from which on a CPU ONNX Runtime is taken; making its graph takes a second or two.
        batch_size: images at a time.
    """

    onnx_from: int = 1_000
    batch_size: int = 128


@dataclass(frozen=True)
class Engine:
    """What computes features. Features of two engines agree up to rounding, and are not the same.

    Attributes:
        library: torch, or ONNX Runtime of a traced graph.
        device: kind of the device, such as cpu or cuda.
        fast_convolutions: whether 3x3 convolutions are matrix products.
    """

    library: Literal["torch", "onnxruntime"]
    device: str
    fast_convolutions: bool


def choose_engine(backbone: Backbone, device: torch.device, count: int, settings: EngineSettings = EngineSettings()) -> Engine:
    """The engine for so many images.

    On a CPU many images go through ONNX Runtime, which joins each convolution with the normalisation and the activation behind
    it: VGG16 at 32 pixels takes 0.64 of torch's time, ResNet-50 at 96 0.55.
    """
    cpu = device.type == "cpu"
    library: Literal["torch", "onnxruntime"] = "onnxruntime" if cpu and count >= settings.onnx_from else "torch"
    return Engine(library, device.type, cpu and backbone.fast_convolutions)


def extractor(backbone: Backbone, engine: Engine) -> Extract:
    """From images (B, 3, H, W), float32 in [0, 1], H = W = the backbone's `input_size`, to features (B, feature_dim), float32.

    Args:
        backbone: in evaluation, on the engine's device.
    """
    if engine.library == "torch":
        return lambda images: backbone(images).float().cpu().numpy()
    graph = trace(backbone, torch.zeros(2, 3, backbone.input_size, backbone.input_size), "images", "features")
    if engine.fast_convolutions:
        replace_convolutions(graph)
    session = session_of(graph.SerializeToString(), torch.get_num_threads())  # as many threads as torch would take

    def extract(images: Tensor) -> Floats:
        features: Floats = session.run(None, {"images": images.contiguous().numpy()})[0]
        return features

    return extract
