"""The recipe of the model photo: published weights stand under our names, and what was shipped belongs together."""

from __future__ import annotations

import hashlib

import pytest
import timm
import torch

from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.lite_network import PUBLISHED, LiteNetwork
from podoba.learn.networks.network import to_unit
from podoba.models.names import DEFAULT_MODEL, bundled_folder, open_model
from podoba.runs.settings import BackboneSettings
from recipes.photo.published import renamed


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
