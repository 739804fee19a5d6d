"""How fast a model is on this computer: measured when somebody asks, since it takes a moment of the server's time."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from podoba.models.encoder import Encoder
from podoba.serve.library.settings import DEFAULT, LibrarySettings


@dataclass(frozen=True)
class Speed:
    """What was measured, of pictures that are decoded already.

    Attributes:
        milliseconds_alone: to describe one picture, by one thread, as a search does: the median.
        pictures_per_second: one after another in batches, by all threads, as indexing does.
        open_seconds: to open the model.
        device: what computes.
    """

    milliseconds_alone: float
    pictures_per_second: float
    open_seconds: float
    device: str

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def measure(path: Path, settings: LibrarySettings = DEFAULT) -> Speed:
    """Measure a model for a second or so, after it was opened. Raises `ModelError`."""
    started = time.perf_counter()
    encoder = Encoder(path)
    opened = time.perf_counter() - started
    size = encoder.card.input_size
    pictures = np.random.default_rng(0).integers(0, 256, (settings.speed_batch, size, size, 3), dtype=np.uint8)
    alone = _seconds_each(encoder.on_one_thread, pictures[:1], settings.speed_seconds / 2)
    batch = _seconds_each(encoder, pictures, settings.speed_seconds / 2)
    return Speed(1000 * alone, len(pictures) / batch, opened, encoder.device)


def _seconds_each(encoder: Encoder, pictures: np.ndarray, budget: float) -> float:
    """The median time of a call, over as many calls as there is time for, but three at least; the first one is not counted."""
    encoder.encode(pictures, len(pictures))
    times: list[float] = []
    ends = time.perf_counter() + budget
    while len(times) < 3 or time.perf_counter() < ends:
        started = time.perf_counter()
        encoder.encode(pictures, len(pictures))
        times.append(time.perf_counter() - started)
    return float(np.median(times))
