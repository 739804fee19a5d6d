"""Sessions of ONNX Runtime on a device: the processor, or what another build of ONNX Runtime can compute on.

ONNX Runtime falls back to the processor without an error where a device cannot be used, and some of its providers compute in
fewer bits than float32 unless they are told otherwise. So a session is asked what it really got, single precision is demanded,
and a device must come to the descriptors of the processor on pictures of noise before it is used.
"""

import contextlib
import io
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.errors import ModelError, did_you_mean
from podoba.models.card import Card

log = logging.getLogger(__name__)

DeviceName = Literal["auto", "cpu", "cuda", "directml", "openvino", "coreml"]
VARIABLE = "PODOBA_DEVICE"
AGREEMENT: Mapping[str, float] = {
    "float32": 0.9999,
    "float16": 0.999,
    "int8": 0.99,
}  # least cosine to the processor's, by a card's precision
NOISE_IMAGES, NOISE_CELLS = 4, 8  # on which it is measured; random colours in so many cells a side


@dataclass(frozen=True)
class Device:
    """What computes, and how it is made to compute in float32.

    Attributes:
        provider: its name in ONNX Runtime.
        package: the distribution of ONNX Runtime that has it.
        options: of the provider. On CUDA no TensorFloat-32, and no algorithms chosen by a race that another may win next time;
            on Core ML no 16-bit accumulation, and not the Neural Engine, which has 16 bits only.
        one_stream: whether the memory must not be planned ahead, as DirectML demands.
        by_itself: whether `auto` considers it. Not Core ML: every ONNX Runtime for macOS has it, so nobody chose it.
    """

    provider: str
    package: str
    options: Mapping[str, str] = field(default_factory=dict)
    one_stream: bool = False
    by_itself: bool = True


DEVICES: Mapping[str, Device] = {  # in the order in which `auto` tries them
    "cuda": Device("CUDAExecutionProvider", "onnxruntime-gpu", {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}),
    "directml": Device("DmlExecutionProvider", "onnxruntime-directml", one_stream=True),
    "openvino": Device(
        "OpenVINOExecutionProvider", "onnxruntime-openvino", {"device_type": "CPU", "precision": "FP32"}
    ),
    "coreml": Device(
        "CoreMLExecutionProvider",
        "onnxruntime",
        {"ModelFormat": "MLProgram", "MLComputeUnits": "CPUAndGPU", "AllowLowPrecisionAccumulationOnGPU": "0"},
        by_itself=False,
    ),
}  # fmt: skip


class DeviceError(ModelError):
    """A device that was asked for and cannot be used, or computes other descriptors than the processor."""


def device_asked(name: str | None) -> str:
    """The device of this name, or without one that of the variable `PODOBA_DEVICE`, else `auto`. Raises `DeviceError`."""
    asked = name or os.environ.get(VARIABLE) or "auto"
    if asked not in get_args(DeviceName):
        origin, known = "" if name else f"{VARIABLE}=", get_args(DeviceName)
        hint = did_you_mean(asked, known, "there are " + ", ".join(known))
        raise DeviceError(f"{origin}{asked}: no such device: {hint}")
    return asked


def session_of(model: str | bytes, threads: int | None) -> Any:
    """A session on the processor of a file's name or a graph's bytes; errors are ONNX Runtime's own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised, and reported once
    if threads is not None:
        options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def devices_beside_cpu(asked: str) -> list[str]:
    """The devices to try for what was asked, before the processor: that one, or those that `auto` finds installed."""
    if asked != "auto":
        return [] if asked == "cpu" else [asked]
    import onnxruntime

    available = onnxruntime.get_available_providers()
    return [name for name, device in DEVICES.items() if device.by_itself and device.provider in available]


def session_elsewhere(path: Path, asked: str, reference: Any, card: Card) -> tuple[Any, str] | None:
    """A session on another device than the processor, and the device's name; None where the processor is to be used.

    Args:
        asked: one device's name, or `auto`: the first one that is installed, starts and agrees with the processor. A model in 8
            bits then stays on the processor, for which it was made.
        reference: a session of the same file on the processor.
        card: its card.

    Raises:
        DeviceError: a device asked for by its name that cannot be used, or computes other descriptors.
    """
    for name in devices_beside_cpu(asked):
        if asked == "auto" and card.precision == "int8":
            break
        try:
            session = _agreeing(path, name, reference, card)
        except DeviceError as error:
            if asked != "auto":
                raise
            _say_once(f"computing without {name}: {error}")
            continue
        if card.precision == "int8":
            _say_once(f"{path.name} is in 8 bits, which a processor computes best: on {name} it may be slower than on the cpu")
        return session, name
    return None


def _agreeing(path: Path, name: str, reference: Any, card: Card) -> Any:
    """A session on a device that was really obtained and computes what the processor does."""
    session = _started(path, name)
    try:
        cosine = agreement(session, reference, card.input_size)
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        raise DeviceError(f"{path.name} fails on {name} ({in_one_line(str(error))}): use --device cpu") from error
    if not cosine >= AGREEMENT[card.precision]:
        raise DeviceError(
            f"{path.name} has other descriptors on {name} than on the cpu (cosine {cosine:.5f}, wanted "
            f"{AGREEMENT[card.precision]}), which cannot be compared: use --device cpu"
        )
    log.info("%s computes on %s: cosine %.6f to the cpu", path.name, name, cosine)
    return session


def _started(path: Path, name: str) -> Any:
    import onnxruntime

    device = DEVICES[name]
    if device.provider not in onnxruntime.get_available_providers():
        raise DeviceError(f"{name} cannot be used: this ONNX Runtime cannot compute on it: {_installed_by(name)}")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if device.one_stream:
        options.enable_mem_pattern = False
    with _heard() as said:
        if name == "cuda" and hasattr(onnxruntime, "preload_dlls"):
            onnxruntime.preload_dlls()  # of CUDA's packages beside this one, which no loader finds by itself
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=[(device.provider, dict(device.options)), "CPUExecutionProvider"], enable_fallback=0
            )
        except Exception as error:  # ONNX Runtime's errors share no base but Exception
            session, failure = None, str(error)
        else:
            failure = ""
    if session is None or device.provider not in session.get_providers():
        reason = in_one_line(failure or said()) or "no reason was given"
        raise DeviceError(f"{name} cannot be used (ONNX Runtime says: {reason}): {_installed_by(name)}")
    return session


def _installed_by(name: str) -> str:
    device = DEVICES[name]
    if name == "coreml":
        return "it is part of onnxruntime for macOS; else use --device cpu"
    needs = " with CUDA and cuDNN, `pip install 'onnxruntime-gpu[cuda,cudnn]'`," if name == "cuda" else ""
    return f"install {device.package}{needs} in the place of onnxruntime, or use --device cpu"


def agreement(session: Any, reference: Any, side: int) -> float:
    """The least cosine between descriptors of two sessions of a model, of pictures of noise, each alone; NaN: one has none."""
    images = noise_images(side)
    name = reference.get_inputs()[0].name
    one, other = (
        _unit(np.concatenate([each.run(None, {name: image[None]})[0] for image in images])) for each in (session, reference)
    )
    return float((one * other).sum(1).min())


def noise_images(side: int) -> NDArray[np.uint8]:
    """Pictures of random colours in a grid of cells, uint8 (n, side, side, 3); always the same."""
    cells = np.random.default_rng(0).integers(0, 256, (NOISE_IMAGES, NOISE_CELLS, NOISE_CELLS, 3), dtype=np.uint8)
    place = np.arange(side) * NOISE_CELLS // side
    return np.ascontiguousarray(cells[:, place][:, :, place])


def _unit(descriptors: Floats) -> NDArray[np.float64]:
    wide = descriptors.astype(np.float64)
    unit: NDArray[np.float64] = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return unit


@contextlib.contextmanager
def _heard() -> Iterator[Any]:
    """What is printed within, by Python and by libraries, is kept from the terminal: the function given says it afterwards."""
    printed = io.StringIO()
    text = ""
    with tempfile.TemporaryFile() as kept, contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        try:
            sys.stderr.flush()
            saved = os.dup(2)
        except (OSError, AttributeError):  # a program without an error stream
            saved = None
        try:
            if saved is not None:
                os.dup2(kept.fileno(), 2)
            yield lambda: text
        finally:
            if saved is not None:
                os.dup2(saved, 2)
                os.close(saved)
            kept.seek(0)
            text = kept.read().decode(errors="replace") + printed.getvalue()


def in_one_line(text: str) -> str:
    """The first of ONNX Runtime's messages without colours, times, places in its code and kinds of error."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", text).strip()
    first = plain.splitlines()[0] if plain else ""
    return " ".join(re.sub(r"^.*(?:\]| : [A-Z_]+ :) ", "", first).split())[-250:]


@cache
def _say_once(text: str) -> None:
    log.warning("%s", text)
