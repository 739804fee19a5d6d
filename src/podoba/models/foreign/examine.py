"""What an imported graph does when it is run: the length of its descriptors, and whether a batch changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.errors import ModelError
from podoba.models.encoder import OUTPUT
from podoba.models.sessions import in_one_line, session_of

SAME = 1e-5  # what rounding may change in a number of a descriptor; a scale of 8 bits that a batch shares changes 1e-3
SCALED_TOGETHER = ("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM")  # by the largest number of a batch


@dataclass(frozen=True)
class Findings:
    """Attributes: dim: numbers of a descriptor. one_at_a_time: whether an image in a batch gets another one than alone."""

    dim: int
    one_at_a_time: bool


def examine(path: Path, inputs: Mapping[str, NDArray[Any]]) -> Findings:
    """Run a graph that gives `descriptors` on inputs, (B, ...) each: one by one, and all together.

    Raises:
        ModelError: it fails on one input alone, or gives no descriptor of it.
    """
    try:
        session = session_of(str(path), None)
        count = len(next(iter(inputs.values())))
        alone = [session.run([OUTPUT], {name: rows[i : i + 1] for name, rows in inputs.items()})[0] for i in range(count)]
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        raise ModelError(f"ONNX Runtime cannot run it ({in_one_line(str(error))}): choose another file of this model") from error
    _check(alone)
    try:
        together = session.run([OUTPUT], dict(inputs))[0]
    except Exception:  # sides written into the graph for one image: the descriptors of one by one stand
        return Findings(alone[0].shape[1], True)
    differs = together.shape != (count, alone[0].shape[1]) or not np.allclose(together, np.concatenate(alone), rtol=0, atol=SAME)
    return Findings(alone[0].shape[1], bool(differs))


def noise(size: int) -> NDArray[np.uint8]:
    """Three pictures, uint8 (3, size, size, 3), of unlike range: one that shares a scale with the last suffers."""
    random = np.random.default_rng(0)
    ranges = [(100, 110), (60, 160), (0, 256)]
    return np.stack([random.integers(low, high, (size, size, 3), dtype=np.uint8) for low, high in ranges])


def _check(alone: Sequence[Floats]) -> None:
    for descriptor in alone:
        if descriptor.ndim != 2 or len(descriptor) != 1:
            raise ModelError(f"gives numbers of shape {descriptor.shape} for one input: name another tensor by --output")
        if not np.isfinite(descriptor).all() or not descriptor.any():
            raise ModelError("gives numbers that are not finite, or all zero: choose another file of this model")
