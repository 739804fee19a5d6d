"""Small learnable images and settings that train in a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.runs.settings import Settings
from podoba.runs.settings_file import check_settings


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A folder of 3 classes x 20 images of 16 pixels: red, green and blue on noise."""
    rng = np.random.default_rng(0)
    for channel, name in enumerate(["blue", "green", "red"]):
        (tmp_path / "coloured" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(0, 120, (16, 16, 3))
            pixels[..., 2 - channel] += 100
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "coloured" / name / f"{i:02}.png")
    return tmp_path / "coloured"


@pytest.fixture
def small(coloured: Path) -> Callable[..., Settings]:
    """Settings of a training on `coloured` that takes about a second; keywords are top-level settings."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {
            "train": str(coloured),
            "validation": 0.2,
            "input_size": 16,
            "epochs": 3,
            "batch_size": 12,
            "device": "cpu",
            "backbone": {"name": "small-digits", "pretrained": False, "transfer": "scratch"},
            "head": {"hidden": 16, "dim": 8, "dropout": 0.2},
            "loss": {"name": "cross-entropy"},
            "sampler": {"per_class": 4},
            "optimizer": {"lr": 0.001},
            "schedule": {"name": "constant"},
            "early_stopping": {"monitor": "validation_loss"},
        }
        return check_settings(values | changes)

    return make
