"""A model file in 8 bits: two to three times as fast where the processor multiplies bytes, and a quarter of the size."""

import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from podoba.errors import ModelError
from podoba.images.reading import read_batches
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.learn.export.byte_input import take_bytes
from podoba.learn.export.model_file import save_model
from podoba.models.card import Card
from podoba.models.encoder import INPUT, Encoder

BATCH = 32
IMAGES = 512  # enough for the ranges of the maps: more changed nothing in the third digit
QUANTIZED = "int8"
OPERATORS = ("Conv", "Add", "Relu", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat")


def quantize(model: Path, images: NDArray[np.uint8], out: Path, *, all_bits: bool = False) -> None:
    """Write a copy of a model whose convolutions are computed in 8 bits, after the ranges its maps have on some images.

    Weights by channel and maps by tensor (Jacob et al., 2018; Krishnamoorthi, 2018). Linear layers stay in float32: the last one
    sets the scale of each number of the descriptor, and costs next to nothing.

    Args:
        model: an `.onnx` model file.
        images: uint8 (N, S, S, 3) of the kind it will see, S its input size; a few hundred.
        out: the file to write, with the model's card.
        all_bits: of the weights, for processors that are known to have a dot product of bytes: descriptors are nearer to the
            model's. Else 7 of the 8 are used: on other processors sums of two products would overflow, and descriptors would be
            others there.

    Raises:
        ModelError: a model that is in 8 bits already, has no convolutions, or that ONNX Runtime cannot quantize.
    """
    card = Encoder(model, 1, device="cpu").card
    if card.precision == QUANTIZED:
        raise ModelError(f"{model}: is in 8 bits already: take the model it was made of")
    with tempfile.TemporaryDirectory(prefix="podoba-") as folder:
        prepared, small = (Path(folder) / f"{name}.onnx" for name in ("prepared", "small"))
        try:
            quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
            if "Conv" not in {node.op_type for node in onnx.load(str(prepared)).graph.node}:
                raise ModelError(f"{model}: has no convolutions, so 8 bits would not make it faster: keep it as it is")
            quantize_static(
                str(prepared),
                str(small),
                _Batches(images),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(OPERATORS),
                per_channel=True,
                reduce_range=not all_bits,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
        except (RuntimeError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"{model}: cannot be quantized ({reason}): keep it as it is") from error
        made = onnx.load(str(small))
        take_bytes(made)
        save_model(made, card.model_copy(update={"precision": QUANTIZED}), out)


def quantize_and_compare(before: Encoder, source: ImageSource, out: Path) -> dict[str, float]:
    """`quantize` after images of a source, and what that gains and loses on them.

    Returns:
        what `compare` gives, and `images`: how many were used.
    """
    pixels = sample(source, before.card)
    quantize(before.path, pixels, out)
    return {"images": len(pixels), **compare(before, Encoder(out, device="cpu"), pixels)}


def sample(source: ImageSource, card: Card) -> NDArray[np.uint8]:
    """At most `IMAGES` images (N, S, S, 3) at equal distances in a source, as a model wants them.

    Raises:
        ModelError: not one could be read.
    """
    rows = np.linspace(0, len(source) - 1, min(IMAGES, len(source))).astype(np.int64)
    skipped: list[Skipped] = []
    batches = read_batches([source.records[row] for row in rows], card.pixels, BATCH, skipped=skipped)
    found = [pixels.copy() for _, pixels in batches]
    if not found:
        raise ModelError(f"{source.name}: not one image can be read ({skipped[0].reason}): name images of the kind it will see")
    return np.concatenate(found)


def compare(before: Encoder, after: Encoder, images: NDArray[np.uint8]) -> dict[str, float]:
    """Mean cosine of two models' descriptors, how much faster the second is, and bytes of both files.

    Args:
        images: uint8 (N, S, S, 3); those of which either model has no descriptor count for nothing.
    """
    seconds, descriptors, valid = [], [], np.ones(len(images), dtype=bool)
    for encoder in (before, after):
        made, known = encoder.encode_valid(images)
        descriptors.append(made)
        valid &= known
        times = []
        for _ in range(3):
            started = time.perf_counter()
            encoder.encode_valid(images[:BATCH])
            times.append(time.perf_counter() - started)
        seconds.append(min(times))
    return {
        "cosine": float((descriptors[0] * descriptors[1])[valid].sum(1).mean()),
        "speedup": seconds[0] / seconds[1],
        "bytes_before": before.path.stat().st_size,
        "bytes": after.path.stat().st_size,
    }


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, images: NDArray[np.uint8]) -> None:
        starts = range(0, len(images), BATCH)
        self.batches = ({INPUT: np.ascontiguousarray(images[start : start + BATCH])} for start in starts)

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        return next(self.batches, None)
