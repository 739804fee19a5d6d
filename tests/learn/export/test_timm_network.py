from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models import get_pretrained_cfg

from podoba.errors import ModelError, SettingsError
from podoba.images.decode import picture_pixels
from podoba.images.resize import PixelRule
from podoba.learn.export.timm_network import export_timm, pull_timm
from podoba.learn.networks.backbones import has_projection
from podoba.models.encoder import Encoder
from podoba.models.names import find_model, list_models, timm_path

NAME = "timm/mobilenetv3_small_050"
TAKEN = "podoba.learn.export.timm_network.get_pretrained_cfg"


def photograph() -> Image.Image:
    coarse = np.random.default_rng(0).integers(0, 256, (9, 14, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((350, 225), Image.Resampling.BICUBIC)


def test_a_timm_network_becomes_a_model_file(tmp_path: Path) -> None:
    export_timm(NAME, tmp_path / "deep" / "m.onnx", pretrained=False)
    encoder = Encoder(tmp_path / "deep" / "m.onnx")
    size = encoder.card.input_size
    descriptors = encoder.encode(np.zeros((2, size, size, 3), dtype=np.uint8))
    assert descriptors.shape == (2, encoder.card.dim)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, atol=1e-5)
    assert encoder.card.training_data[0].licence
    assert encoder.card.pixels == PixelRule(224, "crop", 256, "bicubic", "round", exact=True)


@pytest.mark.parametrize("name", ["resnet10t", "vit_tiny_patch16_224", "test_resnet"])
def test_descriptors_are_those_of_timm_with_its_own_transform(tmp_path: Path, name: str) -> None:
    torch.manual_seed(0)
    export_timm(name, tmp_path / "m.onnx", pretrained=False)
    encoder = Encoder(tmp_path / "m.onnx")
    torch.manual_seed(0)
    network = timm.create_model(name, pretrained=False, num_classes=0).eval()
    transform = create_transform(**resolve_data_config(pretrained_cfg=network.pretrained_cfg))
    with torch.no_grad():
        expected = torch.nn.functional.normalize(network(transform(photograph())[None])).numpy()
    pixels = picture_pixels(photograph(), "x", encoder.card.pixels)
    np.testing.assert_allclose(encoder.encode(pixels[None]), expected, atol=2e-5)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (
            {"crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bicubic"},
            PixelRule(160, "stretch", None, "bicubic", "round", exact=True),
        ),
        ({"crop_pct": 0.8, "interpolation": "bilinear"}, PixelRule(160, "crop", 200, "bilinear", "round", exact=True)),
    ],
)
def test_the_card_states_the_pixels_of_published_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], rule: PixelRule
) -> None:
    published = get_pretrained_cfg("test_resnet")
    assert published is not None
    for key, value in change.items():
        setattr(published, key, value)
    monkeypatch.setattr(TAKEN, lambda _: published)
    assert export_timm("test_resnet", tmp_path / "m.onnx", pretrained=False).pixels == rule


@pytest.mark.thorough
def test_pixels_that_are_not_understood_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"timm/volo_d4_448: crop_pct: 1.15 of a center crop pads"):
        export_timm("volo_d4_448", tmp_path / "m.onnx", pretrained=False)
    assert not list(tmp_path.iterdir())


def test_a_network_learned_beside_texts_keeps_its_projection(tmp_path: Path) -> None:
    card = export_timm("vit_xsmall_patch16_clip_224.tinyclip_yfcc15m", tmp_path / "m.onnx", pretrained=False)
    assert card.dim == 512  # 256 before the projection
    projections = {name for name in timm.list_pretrained() if has_projection(name)}
    for name in (
        "vit_base_patch32_clip_224.openai",
        "resnet50_clip.openai",
        "fastvit_mci0.apple_mclip",
        "vit_pe_core_tiny_patch16_384.fb",
    ):
        assert name in projections
    assert not {name for name in projections if not any(part in name for part in ("clip", "_mci", "_pe_core_"))}
    assert not {name for name in projections if "_in1k" in name or "_in12k" in name}


def test_another_size_is_another_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    card = export_timm("timm/vit_tiny_patch16_224@96", tmp_path / "m.onnx", pretrained=False)
    assert (card.name, card.input_size, card.shortest) == ("timm/vit_tiny_patch16_224@96", 96, 106)  # floor(96 / 0.9)
    assert Encoder(tmp_path / "m.onnx").encode(np.zeros((1, 96, 96, 3), dtype=np.uint8)).shape == (1, 192)
    path = timm_path(f"{NAME}@160")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"exported before")
    assert find_model(f"{NAME}@160") == path
    assert f"{NAME}@160" in list_models()


@pytest.mark.thorough
def test_the_same_network_makes_the_same_bytes_in_every_process_and_on_every_day(tmp_path: Path) -> None:
    code = (
        "import sys, torch; from pathlib import Path; from podoba.learn.export.timm_network import export_timm; "
        "torch.manual_seed(0); export_timm('timm/test_resnet', Path(sys.argv[1]), pretrained=False)"
    )
    digests = set()
    for seed in ("1", "2"):
        path = tmp_path / seed / "m.onnx"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    card = Encoder(tmp_path / "1" / "m.onnx").card
    assert (card.created, card.podoba_version) == ("", "")


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
    assert not has_projection("resnet10t.of_no_such_tag")
    for name in ("timm/../x", "timm/x@y", "timm/x@0", "timm/@160"):
        with pytest.raises(ModelError, match="not a name of timm's"):
            pull_timm(name)
