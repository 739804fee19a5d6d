from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podoba.errors import ModelError, SettingsError
from podoba.learn.export.timm_network import export_timm, pull_timm
from podoba.models.encoder import Encoder
from podoba.models.names import find_model, timm_path

NAME = "timm/mobilenetv3_small_050"


def test_a_timm_network_becomes_a_model_file(tmp_path: Path) -> None:
    export_timm(NAME, tmp_path / "deep" / "m.onnx", pretrained=False)
    encoder = Encoder(tmp_path / "deep" / "m.onnx")
    size = encoder.card.input_size
    descriptors = encoder.encode(np.zeros((2, size, size, 3), dtype=np.uint8))
    assert descriptors.shape == (2, encoder.card.dim)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-5)
    assert encoder.card.training_data[0].licence


def test_what_is_in_the_cache_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("podoba.learn.networks.backbones.published_weights", lambda *_: None)  # its host answers
    monkeypatch.setattr("timm.create_model", offline)
    with pytest.raises(ModelError, match=f"cannot be fetched .*, and put that file at {timm_path(NAME)}"):
        pull_timm(NAME)
    timm_path(NAME).parent.mkdir(parents=True, exist_ok=True)
    timm_path(NAME).write_bytes(b"fetched before")
    assert pull_timm(NAME) == timm_path(NAME) == find_model(NAME)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SettingsError, match="unknown backbone"):
        pull_timm("timm/resnet19000")
    with pytest.raises(ModelError, match="not a name of timm's"):
        pull_timm("timm/../x")
