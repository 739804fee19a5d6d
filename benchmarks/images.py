"""Small labelled images for the benchmarks: of any source, or generated."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset

SIZE = 32


def chosen(spec: str, count: int) -> list[tuple[str, bytes]]:
    """Label and bytes of `count` images of a source, balanced by class."""
    source = open_source(spec)
    records = [source.records[row] for row in balanced_subset(source.labels, count, 0)]
    return [(record.label or "", record.open()) for record in records]


def generated(count: int, classes: int = 10) -> list[tuple[str, bytes]]:
    """Label and JPEG bytes of smooth coloured noise, each class with a pattern of its own."""
    rng = np.random.default_rng(0)
    patterns = rng.uniform(0, 255, (classes, SIZE, SIZE, 3))
    images = []
    for number in range(count):
        label = number % classes
        noisy = (0.5 * patterns[label] + 0.5 * rng.uniform(0, 255, patterns[label].shape)).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noisy).filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=90)
        images.append((f"pattern-{label}", buffer.getvalue()))
    return images


def photograph(rng: np.random.Generator, size: tuple[int, int]) -> bytes:
    """A JPEG of this width and height that takes as many bytes as a camera's: smooth shapes with some grain."""
    coarse = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    grain = rng.normal(0, 5, (size[1], size[0], 1)).astype(np.float32)
    buffer = io.BytesIO()
    Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def with_comment(jpeg: bytes, text: str) -> bytes:
    """The same picture as other bytes: with a comment of its own."""
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text.encode("ascii") + jpeg[2:]
