"""Pictures to compare."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from podoba.images.compare.pixel_similarity import SIDE


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    """Smooth coloured noise, as photographs are smooth: uint8 (20, 32, 32, 3)."""
    rng = np.random.default_rng(0)
    waves = np.zeros((20, SIDE, SIDE, 3))
    place = np.arange(SIDE) / SIDE
    for _ in range(12):
        across, down = rng.uniform(-4, 4, (2, 20, 1, 1, 1))
        phase = rng.uniform(0, 2 * np.pi, (20, 1, 1, 3))
        waves += np.cos(2 * np.pi * (across * place[None, None, :, None] + down * place[None, :, None, None]) + phase)
    low, high = waves.min((1, 2, 3), keepdims=True), waves.max((1, 2, 3), keepdims=True)
    return np.asarray(255 * (waves - low) / (high - low)).astype(np.uint8)
