"""Tests of what a worker answers, inside this process."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.images.decode import decode_pixels
from podoba.images.resize import PixelRule
from podoba.serve.decoding.frames import read_frame, write_frame
from podoba.serve.decoding.worker import answer, serve

RULE = PixelRule(8, fit="pad", fill=(1, 2, 3))
WHOLE = {"operation": "pixels", "name": "x", "most": 10_000, "rule": asdict(RULE), "box": None}


def encoded(kind: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("box", [None, (5.0, 4.0, 20.0, 11.0)])
def test_pixels_are_those_of_indexing(kind: str, box: tuple[float, float, float, float] | None) -> None:
    data = encoded(kind)
    head, body = answer(data, WHOLE | {"box": None if box is None else list(box)})
    expected = decode_pixels(data, "x", RULE, box)
    assert body == expected.pixels.tobytes()
    assert head == {"width": 40, "height": 30, "format": kind}


def test_a_preview_is_upright_and_small() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded("JPEG", exif=exif)
    head, body = answer(data, {"operation": "preview", "name": "x", "most": 10_000, "side": 20, "quality": 85})
    assert head == {"width": 30, "height": 40, "format": "JPEG"}
    assert Image.open(io.BytesIO(body)).size == (15, 20)


@pytest.mark.parametrize(
    ("data", "more", "error", "reason"),
    [
        (b"no picture", {}, "unreadable", "not an image of a known format"),
        (encoded("PNG"), {"most": 100}, "large", "40x30 pixels"),
        (encoded("PNG"), {"box": [100, 100, 5, 5]}, "outside", "the box lies outside: the image has 40x30 pixels"),
    ],
)
def test_what_cannot_be_decoded_is_said(data: bytes, more: dict[str, Any], error: str, reason: str) -> None:
    head, body = answer(data, WHOLE | more)
    assert head["error"] == error
    assert head["reason"].startswith(reason)
    assert body == b""


def test_a_worker_answers_until_there_are_no_more_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[int] = []
    monkeypatch.setattr("podoba.serve.decoding.worker.limit_memory", limits.append)
    requests, answers = io.BytesIO(), io.BytesIO()
    for data in (b"bad", encoded("PNG")):
        write_frame(requests, WHOLE | {"memory": 1000}, data)
    requests.seek(0)
    serve(requests, answers)
    answers.seek(0)
    assert [read_frame(answers)[0].get("error") for _ in range(2)] == ["unreadable", None]
    assert not answers.read()
    assert limits == [1000, 1000]


@pytest.mark.slow
def test_a_worker_loads_only_what_decoding_needs() -> None:
    code = "import podoba.serve.decoding.worker, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"onnxruntime", "faiss", "fastapi", "pyarrow", "pydantic", "sqlite3", "multiprocessing"}
    assert heavy & set(loaded) == set()
