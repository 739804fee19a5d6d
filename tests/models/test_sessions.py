"""Devices: what is asked for, what was obtained, and whether it computes what the processor does."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from podoba.models import sessions
from podoba.models.encoder import Encoder
from podoba.models.sessions import DEVICES, DeviceError, device_asked, in_one_line, noise_images
from podoba.models.transformer import DescriptorTransformer

MakeModel = Callable[..., Path]
FAILURE = (
    b"\x1b[1;31m2026-01-01 12:00:00.1 [E:onnxruntime:Default, provider_bridge.cc:2458 operator()] /src/bridge.cc:2043 Get() "
    b"[ONNXRuntimeError] : 1 : FAIL : Failed to load library cuda.so with error: libcublasLt.so.13: no such file\n\x1b[m"
)


class Elsewhere:
    """A session that says it computes on another device: on the processor in truth, with descriptors turned by a shift."""

    def __init__(self, real: Any, provider: str, shift: float) -> None:
        self.real, self.provider, self.shift = real, provider, shift
        self.busy, self.runs = threading.Lock(), 0

    def get_providers(self) -> list[str]:
        return [self.provider, "CPUExecutionProvider"]

    def run(self, names: Sequence[str] | None, images: dict[str, Any]) -> list[Any]:
        assert self.busy.acquire(blocking=False), "two calls at a time"
        self.runs += 1
        descriptors = self.real.run(names, images)[0] + self.shift
        self.busy.release()
        return [descriptors / np.linalg.norm(descriptors, axis=1, keepdims=True)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Machine:
    """ONNX Runtime of a machine with other devices.

    Attributes:
        broken: providers that it lists and that fall back to the processor, with words on the error stream as ONNX Runtime's.
        shifts: by which descriptors are off, by provider.
        opened: the other sessions that were opened, with their options.
    """

    def __init__(self, patch: pytest.MonkeyPatch, *providers: str) -> None:
        self.broken: set[str] = set()
        self.refused: set[str] = set()
        self.shifts: dict[str, float] = {}
        self.opened: list[tuple[Elsewhere, dict[str, str]]] = []
        self.memory_planned = True
        real = onnxruntime.InferenceSession

        def open_session(model: str | bytes, options: Any, *, providers: list[Any], **more: Any) -> Any:
            if providers == ["CPUExecutionProvider"]:
                return real(model, options, providers=providers)
            (provider, chosen), fallback = providers
            assert fallback == "CPUExecutionProvider"
            assert more == {"enable_fallback": 0}
            self.memory_planned = options.enable_mem_pattern
            plain = real(model, options, providers=[fallback])
            if provider in self.refused:
                raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : the driver is too old")
            if provider in self.broken:
                os.write(2, FAILURE)
                return plain
            self.opened.append((Elsewhere(plain, provider, self.shifts.get(provider, 0.0)), chosen))
            return self.opened[-1][0]

        patch.setattr(onnxruntime, "InferenceSession", open_session)
        patch.setattr(onnxruntime, "get_available_providers", lambda: [*providers, "CPUExecutionProvider"])


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    sessions._say_once.cache_clear()
    monkeypatch.delenv("PODOBA_DEVICE", raising=False)
    return Machine(monkeypatch, *(device.provider for device in DEVICES.values()))


def images(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_that_is_asked_for_computes_in_float32_what_the_cpu_does(
    name: str, machine: Machine, make_model: MakeModel
) -> None:
    path = make_model()
    encoder = Encoder(path, device=name)
    assert encoder.device == name
    ((session, options),) = machine.opened
    assert options == DEVICES[name].options
    assert machine.memory_planned == (name != "directml")
    before = session.runs
    np.testing.assert_allclose(encoder.encode(images()), Encoder(path, device="cpu").encode(images()), atol=1e-6)
    assert session.runs == before + 1


def test_single_precision_is_demanded_where_a_provider_has_less() -> None:
    assert DEVICES["cuda"].options["use_tf32"] == "0"
    assert DEVICES["openvino"].options["precision"] == "FP32"
    assert DEVICES["coreml"].options["AllowLowPrecisionAccumulationOnGPU"] == "0"
    assert DEVICES["coreml"].options["MLComputeUnits"] == "CPUAndGPU"  # the Neural Engine has 16 bits only


def test_a_device_that_falls_back_in_silence_is_an_error_with_the_reason(
    machine: Machine, make_model: MakeModel, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.broken.add("CUDAExecutionProvider")
    with pytest.raises(DeviceError) as raised:
        Encoder(make_model(), device="cuda")
    assert str(raised.value) == (
        "cuda cannot be used (ONNX Runtime says: Failed to load library cuda.so with error: libcublasLt.so.13: no such "
        "file): install onnxruntime-gpu with CUDA and cuDNN, `pip install 'onnxruntime-gpu[cuda,cudnn]'`, in the place of "
        "onnxruntime, or use --device cpu"
    )
    assert capfd.readouterr() == ("", "")  # its words are in the error, and nowhere else


def test_a_device_that_refuses_is_an_error_with_the_reason(machine: Machine, make_model: MakeModel) -> None:
    machine.refused.add("DmlExecutionProvider")
    with pytest.raises(DeviceError, match=r"directml cannot be used \(ONNX Runtime says: the driver is too old\): install"):
        Encoder(make_model(), device="directml")


def test_a_device_that_is_not_installed_is_an_error_that_says_what_is(make_model: MakeModel) -> None:
    for name, package in (("cuda", "onnxruntime-gpu"), ("openvino", "onnxruntime-openvino"), ("coreml", "onnxruntime for macOS")):
        if DEVICES[name].provider not in onnxruntime.get_available_providers():
            with pytest.raises(DeviceError, match=f"{name} cannot be used: this ONNX Runtime cannot compute on it.*{package}"):
                Encoder(make_model(), device=name)


def test_a_device_with_other_descriptors_is_refused(machine: Machine, make_model: MakeModel) -> None:
    machine.shifts["OpenVINOExecutionProvider"] = 0.02
    with pytest.raises(DeviceError, match=r"other descriptors on openvino than on the cpu \(cosine 0\.9[0-9]+, wanted 0.9999\)"):
        Encoder(make_model(), device="openvino")


def test_a_device_without_numbers_is_refused(machine: Machine, make_model: MakeModel) -> None:
    machine.shifts["OpenVINOExecutionProvider"] = float("nan")
    with pytest.raises(DeviceError, match="cosine nan"):
        Encoder(make_model(), device="openvino")


def test_auto_takes_the_first_device_that_starts_and_agrees(
    machine: Machine, make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    assert Encoder(make_model()).device == "cuda"
    machine.broken.add("CUDAExecutionProvider")
    machine.shifts["DmlExecutionProvider"] = 0.02
    assert Encoder(make_model(), device="auto").device == "openvino"
    machine.refused.add("OpenVINOExecutionProvider")
    with caplog.at_level(logging.WARNING, "podoba"):
        encoders = [Encoder(make_model(), device="auto") for _ in range(2)]
    assert [encoder.device for encoder in encoders] == ["cpu", "cpu"]  # and not coreml, which nobody chose
    without = [f"computing without {name}" for name in ("cuda", "directml", "openvino")]
    assert [line.split(":")[0] for line in caplog.messages] == without  # each said once


def test_auto_leaves_a_model_in_8_bits_on_the_processor(
    machine: Machine, make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_model(precision="int8")
    assert Encoder(path).device == "cpu"
    assert machine.opened == []
    machine.shifts["CUDAExecutionProvider"] = 0.001  # an agreement of 0.99 is enough for 8 bits
    with caplog.at_level(logging.WARNING, "podoba"):
        assert Encoder(path, device="cuda").device == "cuda"
    assert "is in 8 bits, which a processor computes best" in caplog.text


def test_devices_are_compared_picture_by_picture(monkeypatch: pytest.MonkeyPatch, make_model: MakeModel) -> None:
    Machine(monkeypatch, "CUDAExecutionProvider")
    path = make_model(shape=(1, 8, 8, 3), one_at_a_time=True)  # a graph that was exported for one picture
    encoder = Encoder(path, device="cuda")
    assert encoder.device == "cuda"
    assert encoder.encode(noise_images(8)).shape == (4, 192)


def test_auto_without_other_devices_opens_one_session(
    monkeypatch: pytest.MonkeyPatch, make_model: MakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(monkeypatch)
    with caplog.at_level(logging.INFO, "podoba"):
        encoder = Encoder(make_model(), device="auto")
    assert (encoder.device, machine.opened, caplog.messages) == ("cpu", [], [])


def test_the_variable_names_the_device(monkeypatch: pytest.MonkeyPatch, machine: Machine, make_model: MakeModel) -> None:
    monkeypatch.setenv("PODOBA_DEVICE", "openvino")
    assert Encoder(make_model()).device == "openvino"
    assert Encoder(make_model(), device="cpu").device == "cpu"
    assert DescriptorTransformer(str(make_model())).fit([])._encoder.device == "openvino"
    assert DescriptorTransformer(str(make_model()), device="cpu").fit([])._encoder.device == "cpu"
    monkeypatch.setenv("PODOBA_DEVICE", "cuba")
    with pytest.raises(DeviceError, match="PODOBA_DEVICE=cuba: no such device: did you mean cuda"):
        Encoder(make_model())
    with pytest.raises(DeviceError, match=r"^abacus: no such device: there are auto, cpu, "):
        device_asked("abacus")


def test_another_device_computes_for_one_thread_at_a_time(machine: Machine, make_model: MakeModel) -> None:
    encoder = Encoder(make_model(), device="cuda")
    assert encoder.on_one_thread is encoder
    with ThreadPoolExecutor(4) as pool:  # `Elsewhere.run` fails on two calls at a time
        made = list(pool.map(lambda _: encoder.encode(images()), range(20)))
    np.testing.assert_array_equal(made, [made[0]] * 20)
    on_processor = Encoder(make_model(), 2, device="cpu")
    assert on_processor.on_one_thread.device == "cpu"


def test_noise_is_the_same_every_time() -> None:
    for side in (5, 8, 100):
        pictures = noise_images(side)
        assert pictures.shape == (4, side, side, 3)
        np.testing.assert_array_equal(pictures, noise_images(side))
        assert len(np.unique(pictures)) > 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("\n", ""),
        ("out of memory\nand more", "out of memory"),
        (FAILURE.decode(), "Failed to load library cuda.so with error: libcublasLt.so.13: no such file"),
        (
            "x [E:onnxruntime, a.cc:1 Create] f() [ERROR] [OpenVINO] Device GPU is not available",
            "Device GPU is not available",
        ),
    ],
)
def test_what_onnx_runtime_says_becomes_one_line(text: str, reason: str) -> None:
    assert in_one_line(text) == reason
