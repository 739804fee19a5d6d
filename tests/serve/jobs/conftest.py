"""Jobs on real collections, for whose states tests may wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.serve.jobs.job import Job
from podoba.serve.jobs.runner import Jobs
from podoba.serve.jobs.settings import JobSettings

PATIENCE = 120.0  # seconds
Until = Callable[[Callable[[], object]], None]
Wait = Callable[[Job, str], None]


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 400 small pictures, no two alike, and one that is none: indexing them takes several batches."""
    folder = tmp_path_factory.mktemp("many") / "many"
    folder.mkdir()
    random = np.random.default_rng(7)
    for number in range(400):
        tiles = random.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(tiles).resize((120, 120)).save(folder / f"{number:03}.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return folder


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    """Jobs on collections below a folder of the test's own."""
    found = Jobs(lambda name: tmp_path / f"{name}.podoba", JobSettings(at_once=2, most_waiting=2, patience=30))
    yield found
    found.close()


@pytest.fixture
def until() -> Until:
    """Waits for something that other processes do."""

    def wait(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait


@pytest.fixture
def wait(until: Until) -> Wait:
    """Waits until a job is in a state, which it must not miss by ending."""

    def until_state(job: Job, state: str) -> None:
        until(lambda: job.state == state or job.has_ended)
        assert job.state == state, (job.code, job.message)

    return until_state
