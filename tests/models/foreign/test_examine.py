"""What is found out about a graph by running it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from podoba.errors import ModelError
from podoba.models.foreign.examine import Findings, examine, noise


def written(repositories: Any, *steps: tuple[str, dict[str, Any]]) -> Path:
    """A graph of images (N, 8, 8, 3), of steps one behind the other."""
    graph = repositories.graph()
    graph.add("Cast", "images", to="step0", to_=TensorProto.FLOAT)
    for i, (operator, attributes) in enumerate(steps):
        graph.add(operator, f"step{i}", to=f"step{i + 1}", **attributes)
    graph.add("Identity", f"step{len(steps)}", to="descriptors")
    path: Path = repositories.write(
        "model.onnx", graph.model({"images": (TensorProto.UINT8, ["b", 8, 8, 3])}, {"descriptors": None})
    )
    return path


FLAT: tuple[str, dict[str, Any]] = ("Flatten", {})
UNIT: tuple[str, dict[str, Any]] = ("LpNormalization", {"axis": 1})


def test_a_batch_that_changes_nothing(repositories: Any) -> None:
    assert examine(written(repositories, FLAT, UNIT), {"images": noise(8)}) == Findings(192, False)


def test_a_batch_that_shares_a_scale(repositories: Any) -> None:
    path = written(repositories, FLAT, ("LpNormalization", {"axis": 0}), UNIT)
    assert examine(path, {"images": noise(8)}) == Findings(192, True)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [([FLAT, ("Log", {}), ("Sub", {})], "ONNX Runtime cannot run it"), ([UNIT], r"of shape \(1, 8, 8, 3\) for one input")],
)
def test_graphs_that_give_no_descriptors(repositories: Any, steps: list[Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as raised:
        examine(written(repositories, *steps), {"images": noise(8)})
    assert "\n" not in str(raised.value)


def test_numbers_that_are_not_finite(repositories: Any) -> None:
    path = written(repositories, FLAT, ("Neg", {}), ("Sqrt", {}))
    with pytest.raises(ModelError, match="not finite"):
        examine(path, {"images": noise(8)})


def test_noise_is_the_same_everywhere_and_of_unlike_ranges() -> None:
    pictures = noise(16)
    assert pictures.dtype == np.uint8
    assert np.ptp(pictures[0]) < np.ptp(pictures[1]) < np.ptp(pictures[2])
    assert (pictures == noise(16)).all()
