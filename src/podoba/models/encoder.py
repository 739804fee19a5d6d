"""The encoder: a model file run by ONNX Runtime, from images to descriptors."""

import hashlib
import mmap
import re
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Mask
from podoba.errors import ModelError
from podoba.models.card import Card, card_of
from podoba.models.sessions import device_asked, devices_beside_cpu, session_elsewhere, session_of

BATCH = 32
KERNELS = re.compile(rb"kernel_shape(?:@\x03@\x03|B\x02\x03\x03)")  # the numbers one by one, or packed
INPUT, OUTPUT = "images", "descriptors"
NO_DESCRIPTOR = "the model gives no descriptor of it (numbers that are not finite, or not of unit length)"
UNIT = 1e-3  # how far the length of a descriptor may be from 1


class Encoder:
    """A descriptor model that is ready to encode.

    Attributes:
        path: the `.onnx` file.
        threads, fast_convolutions: as it was opened.
        card: the facts inside it.
        device: what really computes: `cpu`, or one of `sessions.DEVICES`.
    """

    def __init__(
        self, path: Path, threads: int | None = None, *, device: str | None = None, fast_convolutions: bool = True
    ) -> None:
        """Open a model file.

        Args:
            threads: of the computation on the processor; None: one a core. Other devices have their own.
            device: a `sessions.DeviceName`; None: as the variable PODOBA_DEVICE says, else `auto`.
            fast_convolutions: as in `open_session`.

        Raises:
            ModelError: missing, damaged or foreign file.
            DeviceError: a device that cannot be used, or computes other descriptors than the processor; not of `auto`.
        """
        self.path, self.threads, self.fast_convolutions, self.device = path, threads, fast_convolutions, "cpu"
        asked = device_asked(device)
        compares = bool(devices_beside_cpu(asked))  # then this session is what the device is held against, and plain
        self._session = open_session(path, threads, fast_convolutions=fast_convolutions and not compares)
        self.card = card_of(self._session, path)
        _check_graph(self._session, self.card, path)
        if compares:
            elsewhere = session_elsewhere(path, asked, self._session, self.card)
            if elsewhere is not None:
                self._session, self.device = elsewhere
            elif fast_convolutions:
                self._session = open_session(path, threads)
        # DirectML forbids calls beside each other; other devices gain nothing by them, and each would take memory of its own.
        self._turn = nullcontext() if self.device == "cpu" else Lock()

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the file: descriptors of equal fingerprints can be compared. Raises `ModelError`."""
        return fingerprint_of(self.path)

    @cached_property
    def on_one_thread(self) -> Self:
        """The same model, computed in the thread that calls: several can encode beside each other. Raises `ModelError`.

        On another device than the processor it is the encoder itself, which computes for one of them after the other.
        """
        if self.threads == 1 or self.device != "cpu":
            return self
        return type(self)(self.path, 1, device="cpu", fast_convolutions=self.fast_convolutions)

    def encode(self, images: NDArray[np.uint8], batch_size: int = BATCH) -> Floats:
        """Descriptors (N, dim), float32, unit length, of images (N, H, W, 3), uint8, H = W = `card.input_size`.

        Raises:
            ValueError: images of another shape or type.
            ModelError: the graph fails, gives what its card does not promise, or has no descriptor of one of the images.
        """
        descriptors, valid = self.encode_valid(images, batch_size)
        if not valid.all():
            raise ModelError(f"{self.path}: image {int(np.argmin(valid))}: {NO_DESCRIPTOR}: leave it out")
        return descriptors

    def encode_valid(self, images: NDArray[np.uint8], batch_size: int = BATCH) -> tuple[Floats, Mask]:
        """As `encode`, and which of the images, bool (N,), have a descriptor; the numbers of the others mean nothing.

        Raises:
            ValueError, ModelError: as `encode`; a model that has no descriptor of any picture is at fault itself.
        """
        size = self.card.input_size
        if images.ndim != 4 or images.shape[1:] != (size, size, 3) or images.dtype != np.uint8:
            raise ValueError(f"images must be uint8 (N, {size}, {size}, 3), these are {images.dtype} {images.shape}")
        descriptors = np.empty((len(images), self.card.dim), dtype=np.float32)
        batch_size = 1 if self.card.one_at_a_time else batch_size
        for start in range(0, len(images), batch_size):
            batch = np.ascontiguousarray(images[start : start + batch_size])
            descriptors[start : start + len(batch)] = self._run(batch)
        valid = are_descriptors(descriptors)
        for row in np.flatnonzero(~valid):  # alone: a graph in 8 bits scales a batch together, and one image spoils the others
            descriptors[row : row + 1] = self._run(np.ascontiguousarray(images[row : row + 1]))
            valid[row] = are_descriptors(descriptors[row : row + 1])[0]
        if not valid.all() and not self._works:
            raise ModelError(
                f"{self.path}: gives numbers that are not finite, or not of unit length: get or train the model anew"
            )
        return descriptors, valid

    @cached_property
    def _works(self) -> bool:
        """Whether the model has a descriptor of a picture of noise: where not, no image is to blame."""
        size = self.card.input_size
        noise = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
        return bool(are_descriptors(self._run(noise))[0])

    def _run(self, batch: NDArray[np.uint8]) -> Floats:
        try:
            with self._turn:
                descriptors: Floats = self._session.run([OUTPUT], {INPUT: batch})[0]
        except Exception as error:  # ONNX Runtime's errors share no base but Exception
            raise ModelError(f"{self.path}: fails on images ({_reason(error)}): get or train the model anew") from error
        expected = (len(batch), self.card.dim)
        if descriptors.shape != expected:
            raise ModelError(
                f"{self.path}: gives descriptors of shape {descriptors.shape} where its card says {expected}: "
                "get or train the model anew"
            )
        return descriptors


def fingerprint_of(path: Path) -> str:
    """`Encoder.fingerprint` of a model file that is not opened. Raises `ModelError`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}): check the file") from error


def are_descriptors(numbers: Floats) -> Mask:
    """Which rows (N, dim) are finite and of unit length, bool (N,)."""
    lengths = np.linalg.norm(numbers.astype(np.float64), axis=1)
    valid: Mask = np.abs(lengths - 1) < UNIT
    return valid


def open_session(path: Path, threads: int | None, *, fast_convolutions: bool = True) -> Any:
    """A session of a model file on the processor.

    Args:
        fast_convolutions: compute 3x3 convolutions as matrix products where that is faster: descriptors agree up to rounding.

    Raises:
        ModelError: a missing or damaged file.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such model file: see `podoba models list`")
    try:
        graph = None
        if fast_convolutions and _may_gain(path):
            from podoba.models.fast_convolutions import rewritten  # imports onnx: a second that most commands need not spend

            graph = rewritten(path)
        return session_of(graph or str(path), threads)
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        raise ModelError(f"{path}: damaged, or not an ONNX model ({_reason(error)}): get or train the model anew") from error


def _may_gain(path: Path) -> bool:
    """Whether a model file has 3x3 convolutions and is not in 8 bits, by the bytes that ONNX writes for these."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return KERNELS.search(content) is not None and content.find(b'"\x10DequantizeLinear') < 0


def _check_graph(session: Any, card: Card, path: Path) -> None:
    """Hold the graph against what every model file promises and what its card says. Raises `ModelError`."""
    found = [(node.name, node.type) for node in (*session.get_inputs(), *session.get_outputs())]
    promised = [(INPUT, "tensor(uint8)"), (OUTPUT, "tensor(float)")]
    if found != promised:
        described = ", ".join(f"{name}: {kind}" for name, kind in found)
        raise ModelError(
            f"{path}: not a descriptor model: its graph has {described}; wanted is {INPUT}: tensor(uint8) (N, H, W, 3) in and "
            f"{OUTPUT}: tensor(float) (N, D) out: make it by `podoba train`, or as docs/reference/models.md shows"
        )
    size = card.input_size
    for node, expected in ((session.get_inputs()[0], (None, size, size, 3)), (session.get_outputs()[0], (None, card.dim))):
        shape = node.shape  # sides left open are text or None
        fits = len(shape) == len(expected) and not any(
            isinstance(a, int) and b is not None and a != b for a, b in zip(shape, expected, strict=True)
        )
        if not fits or (isinstance(shape[0], int) and not card.one_at_a_time):
            wanted = tuple("any" if side is None else side for side in expected)
            raise ModelError(
                f"{path}: {node.name} has the shape {tuple(shape)} where its card says {wanted}: get or train the model anew"
            )


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
