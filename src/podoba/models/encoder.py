"""The encoder: a model file run by ONNX Runtime, from images to descriptors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.errors import ModelError
from podoba.images.reading import Skipped, read_batches
from podoba.images.record import ImageRecord
from podoba.models.card import card_of

BATCH = 32


class Encoder:
    """A descriptor model that is ready to encode.

    Attributes:
        path: the `.onnx` file.
        card: the facts inside it.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Open a model file.

        Args:
            threads: of the computation; None: one a core.

        Raises:
            ModelError: missing, damaged or foreign file.
        """
        self.path = path
        self._session = open_session(path, threads)
        self.card = card_of(self._session, path)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if (
            [i.name for i in inputs] != ["images"]
            or inputs[0].type != "tensor(uint8)"
            or [o.name for o in outputs] != ["descriptors"]
        ):
            raise ModelError(f"{path}: not a descriptor model (wants one uint8 input images, one output descriptors)")

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the file: descriptors of equal fingerprints can be compared."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]

    def encode(self, images: NDArray[np.uint8], batch_size: int = BATCH) -> NDArray[np.float32]:
        """Descriptors (N, dim), float32, unit length, of images (N, H, W, 3), uint8, H = W = `card.input_size`.

        Raises:
            ValueError: images of another shape or type.
        """
        size = self.card.input_size
        if images.ndim != 4 or images.shape[1:] != (size, size, 3) or images.dtype != np.uint8:
            raise ValueError(f"images must be uint8 (N, {size}, {size}, 3), these are {images.dtype} {images.shape}")
        descriptors = np.empty((len(images), self.card.dim), dtype=np.float32)
        for start in range(0, len(images), batch_size):
            batch = np.ascontiguousarray(images[start : start + batch_size])
            descriptors[start : start + len(batch)] = self._session.run(["descriptors"], {"images": batch})[0]
        return descriptors

    def encode_source(
        self,
        records: Iterable[ImageRecord],
        skipped: list[Skipped] | None = None,
        workers: int | None = None,
        batch_size: int = BATCH,
    ) -> Iterator[tuple[list[ImageRecord], NDArray[np.float32]]]:
        """Batches (records, descriptors (n, dim)); images are decoded ahead in threads, unreadable ones added to `skipped`."""
        for batch, pixels in read_batches(
            records, self.card.input_size, self.card.resize, batch_size, workers=workers, skipped=skipped
        ):
            yield batch, self.encode(pixels, batch_size)


def open_session(path: Path, threads: int | None) -> Any:
    """An ONNX Runtime session on the CPU. Raises `ModelError`."""
    import onnxruntime

    if not path.is_file():
        raise ModelError(f"{path}: no such model file: see `podoba models list`")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        raise ModelError(f"{path}: damaged, or not an ONNX model ({type(error).__name__}): get or train it anew") from error
