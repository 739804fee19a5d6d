from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import ModelError
from podoba.models.names import find_model
from podoba.serve.library.settings import LibrarySettings
from podoba.serve.library.speed import measure


def test_a_model_is_measured_alone_and_in_batches() -> None:
    speed = measure(find_model("small"), LibrarySettings(speed_seconds=0.05))
    assert speed.milliseconds_alone > 0
    assert speed.pictures_per_second > 0
    assert speed.open_seconds > 0
    assert set(speed.to_json()) == {"milliseconds_alone", "pictures_per_second", "open_seconds", "device"}


def test_what_is_no_model_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "none.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError):
        measure(tmp_path / "none.onnx")
