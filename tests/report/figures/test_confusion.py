from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.report.figures.confusion import confusion_figure


@pytest.mark.parametrize("classes", [2, 14, 60])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_confusion_figure(tmp_path: Path, classes: int, ending: str) -> None:
    matrix = np.eye(classes) * 0.8 + 0.2 / classes
    path = tmp_path / "new" / f"c.{ending}"
    confusion_figure(matrix, [f"клас {i} with a rather long name" for i in range(classes)], path)
    assert path.stat().st_size > 2000
    if ending == "png":
        assert len(np.unique(np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3), axis=0)) > 10


def test_figures_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        confusion_figure(np.eye(3), ["a", "b", "c"], tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
