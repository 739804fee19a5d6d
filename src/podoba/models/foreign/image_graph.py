"""A published graph of float pixels as the one-file model: uint8 images in, unit descriptors out."""

from typing import Any

import numpy as np
from onnx import ModelProto, ValueInfoProto

from podoba.errors import ModelError
from podoba.models.encoder import INPUT
from podoba.models.foreign.ends import Ends
from podoba.models.foreign.graph import described, real_inputs, shape_of
from podoba.models.foreign.outputs import FLOATS, Output

CHANNELS = 3


def find_pixels(model: ModelProto) -> ValueInfoProto:
    """The input of pictures: the first of float numbers with four sides. Raises `ModelError` where there is none."""
    inputs = real_inputs(model)
    for value in inputs:
        shape = shape_of(value)
        if value.type.tensor_type.elem_type in FLOATS and (shape is None or len(shape) == 4):
            return value
    raise ModelError(f"takes no pictures ({described(inputs) or 'no inputs at all'}): name the image tower of this model")


def image_graph(model: ModelProto, pixels: ValueInfoProto, output: Output, size: int, scale: Any, shift: Any) -> None:
    """Make a graph in place what our model files promise to be.

    Args:
        pixels: its input of pictures, (N, 3, H, W) or (N, H, W, 3).
        output: its tensor that holds the descriptors.
        size: side of the square of pixels.
        scale, shift: of each channel (3,): a byte times the one, plus the other, is what the graph takes.

    Raises:
        ModelError: the tensor needs other inputs than pixels, or the pixels have other sides.
    """
    channels_last = _check_sides(pixels, size)
    ends = Ends(model, output, [INPUT])
    needed = real_inputs(model)
    if [value.name for value in needed] != [pixels.name]:
        raise ModelError(
            f"{output.tensor} is computed from {described(needed) or 'nothing'}, and pictures are all that can be given: "
            "name another tensor by --output"
        )
    numbers = [np.broadcast_to(np.asarray(part, dtype=np.float64), CHANNELS).astype(np.float32) for part in (scale, shift)]
    ends.begin_with_pixels(
        pixels.name,
        pixels.type.tensor_type.elem_type,
        size=size,
        channels_last=channels_last,
        scale=numbers[0],
        shift=numbers[1],
    )
    ends.end_in_descriptors()


def _check_sides(pixels: ValueInfoProto, size: int) -> bool:
    """Whether the channels are the last side. Raises `ModelError` for other sides than those of a square."""
    last = _channels_last(pixels)
    shape = shape_of(pixels) or [None] * 4
    fixed = [side for side in (shape[1:3] if last else shape[2:4]) if side is not None]
    if len(set(fixed)) > 1:
        raise ModelError(f"{described([pixels])}: takes oblong pictures, and only squares are understood: choose another model")
    if fixed and fixed[0] != size:
        raise ModelError(
            f"{described([pixels])}: takes {fixed[0]} pixels where its processor makes {size}: one of both is of another model"
        )
    return last


def _channels_last(pixels: ValueInfoProto) -> bool:
    shape = shape_of(pixels) or [None] * 4
    if shape[1] in (CHANNELS, None) and not (shape[1] is None and shape[3] == CHANNELS):
        return False
    if shape[3] == CHANNELS:
        return True
    raise ModelError(f"{described([pixels])}: not pictures of three channels: choose another model")
