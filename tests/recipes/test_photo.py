"""The recipe of the model photo: published weights stand under our names, and what was shipped belongs together."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import timm
import torch

from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.lite_network import PUBLISHED, LiteNetwork
from podoba.learn.networks.network import to_unit
from podoba.models.bundled import DEFAULT_MODEL, bundled_folder
from podoba.models.names import open_model
from podoba.runs.settings import BackboneSettings
from recipes.photo.build import centre
from recipes.photo.choose import LAYERS, Pooled
from recipes.photo.published import FILE, renamed, weights_of
from recipes.photo.tune import Folded, TuneSettings, copied, pairs, tune


def test_published_weights_stand_in_the_order_of_computation() -> None:
    torch.manual_seed(0)
    published = timm.create_model(PUBLISHED, pretrained=False).eval()
    theirs = {f"their.{i}": value for i, value in enumerate(published.state_dict().values())}
    network = LiteNetwork().eval()
    network.load_state_dict(renamed(theirs, network.state_dict()))
    images = torch.rand(2, 3, 75, 75)
    with torch.inference_mode():
        expected = published.blocks(published.bn1(published.conv_stem(images))).mean((2, 3))
        torch.testing.assert_close(network(images), expected)


def test_weights_of_another_network_are_refused() -> None:
    wanted = LiteNetwork().state_dict()
    with pytest.raises(ValueError, match="not the weights"):
        renamed(dict(list(wanted.items())[:-1]), wanted)
    with pytest.raises(ValueError, match="not the weights"):
        renamed(timm.create_model("tf_efficientnet_b0", pretrained=False).state_dict(), wanted)


def test_a_package_of_other_bytes_is_refused(tmp_path: Path) -> None:
    package, content = tmp_path / "package.tar.gz", io.BytesIO()
    torch.save({"a": torch.ones(3)}, content)
    with tarfile.open(package, "w:gz") as archive:
        entry = tarfile.TarInfo(f"package/models/{FILE}")
        entry.size = len(content.getvalue())
        archive.addfile(entry, io.BytesIO(content.getvalue()))
    assert weights_of(package, hashlib.sha256(content.getvalue()).hexdigest()).keys() == {"a"}
    with pytest.raises(ValueError, match="has the checksum"):
        weights_of(package)


def test_features_are_centred_by_the_networks_last_shift() -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="efficientnet-lite0", pretrained=False), 32).eval()
    store = open_pixels(open_source("digits:test"), PixelRule(32))
    images = to_unit(torch.from_numpy(store.images[:].copy()))
    with torch.inference_mode():
        before = backbone(images)
    centre(backbone, store)
    with torch.inference_mode():
        torch.testing.assert_close(backbone(images), before - before.mean(0), atol=1e-4, rtol=1e-3)


def test_a_folded_normalisation_changes_nothing_and_learning_reaches_the_later_parts_alone() -> None:
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name="efficientnet-lite0", pretrained=False), 32).eval()
    for _, norm in pairs(backbone.body):
        assert norm.running_mean is not None
        norm.running_mean.normal_(0, 0.1)
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        plain = backbone(images)
    folded = [Folded(*pair) for pair in pairs(backbone.body)]
    with torch.inference_mode():
        torch.testing.assert_close(backbone(images), plain, atol=1e-4, rtol=1e-3)
    for fold in folded:
        fold.undo()
    with torch.inference_mode():
        torch.testing.assert_close(backbone(images), plain, atol=1e-4, rtol=1e-3)

    before = {key: value.clone() for key, value in backbone.state_dict().items()}
    pictures = torch.randint(0, 256, (6, 64, 64, 3), dtype=torch.uint8)
    settings = TuneSettings(steps=2, batch=3, sizes=(32,))
    tune(backbone, pictures, torch.randn(6, 320), torch.tensor([0, 0, 1, 1, 2, 2]), settings)
    after = backbone.state_dict()
    assert before.keys() == after.keys()
    changed = {key.split(".")[2] for key, value in after.items() if (value - before[key]).abs().max() > 1e-5}
    assert changed == {"4", "5", "6", "7"}


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_pictures_of_the_size_that_is_asked_for(seed: int) -> None:
    picture = torch.full((64, 64, 3), 128, dtype=torch.uint8)
    copy = copied(picture, 96, np.random.default_rng(seed), TuneSettings(dark=0))
    assert copy.shape == (1, 3, 96, 96)
    torch.testing.assert_close(copy, torch.full_like(copy, 128 / 255), atol=1e-3, rtol=0)


def test_the_numbers_that_are_chosen_from_are_those_of_each_layer() -> None:
    torch.manual_seed(0)
    network = timm.create_model(PUBLISHED, pretrained=False).eval()
    images = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        pooled = Pooled(network)(images)
        last = network.forward_features((to_unit(images) - 0.5) / 0.5).mean((2, 3))
        stages = network.forward_intermediates((to_unit(images) - 0.5) / 0.5, indices=[3, 4], intermediates_only=True)
    torch.testing.assert_close(pooled[:, LAYERS["the convolution behind it, 1,280 maps"]], last)
    torch.testing.assert_close(pooled[:, LAYERS["stage 7, 320 maps"]], stages[-1].mean((2, 3)))
    assert pooled[:, LAYERS["stages 5 to 7"]].shape[1] == 112 + 192 + 320


def test_the_shipped_model_is_that_of_the_shipped_weights() -> None:
    encoder, weights = open_model("photo"), bundled_folder("photo") / "weights.safetensors"
    card = encoder.card
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card.weights_sha256
    pixels = open_pixels(open_source("digits:test"), card.pixels).images[:16]
    with torch.inference_mode():
        features = build_backbone(BackboneSettings(name="photo"), None).eval()(to_unit(torch.from_numpy(pixels.copy())))
    plain = torch.nn.functional.normalize(features).numpy()
    assert (encoder.encode(pixels) * plain).sum(1).mean() > 0.95  # 8 bits against float32


def test_it_is_the_default_and_small_enough() -> None:
    assert DEFAULT_MODEL == BackboneSettings().name == "photo"
    assert (bundled_folder("photo") / "model.onnx").stat().st_size <= 4_500_000
    card = open_model("photo").card
    assert "Apache-2.0" in str(card.training_data[0].licence)
    assert card.calibration is not None
