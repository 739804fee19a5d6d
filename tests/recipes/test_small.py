"""The small model's recipe: its linear maps follow their formulas, and what was shipped belongs together."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import to_unit
from podoba.models.bundled import bundled_folder
from podoba.models.names import open_model
from podoba.runs.settings import BackboneSettings
from recipes.small.descriptor import Descriptor, apply, linear, prepared, unit, whitening


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_components_are_divided_by_a_power_of_their_deviation(power: float) -> None:
    rng = np.random.default_rng(0)
    features = (rng.normal(size=(4000, 6)) * [5, 3, 2, 1, 0.5, 0.1] + 7).astype(np.float32) @ rng.normal(size=(6, 6)).astype(
        np.float32
    )
    found = apply(whitening(features, 4, power), features).astype(np.float64)
    deviations = np.sqrt(np.linalg.eigvalsh(np.cov(features.astype(np.float64), rowvar=False))[::-1][:4])
    covariance = np.cov(found, rowvar=False)
    np.testing.assert_allclose(np.diag(covariance), deviations ** (2 - 2 * power), rtol=1e-3)
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-3 * covariance.max())
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-3 * found.std())


def test_the_shipped_model_is_that_of_the_shipped_weights() -> None:
    encoder = open_model("small")
    card, state = encoder.card, load_file(bundled_folder("small") / "weights.safetensors")
    backbone = build_backbone(BackboneSettings(name="small"), card.input_size).eval()
    projection = linear(state["projection.weight"].float().numpy(), state["projection.bias"].float().numpy())
    rooted = bool(state["roots"])
    pixels = np.array(open_pixels(open_source("digits:test"), card.pixels).images[:64])
    with torch.inference_mode():
        images = to_unit(torch.from_numpy(pixels))
        whole = unit(Descriptor(backbone, projection, roots=rooted)(images).numpy())
        parts = unit(apply(projection, prepared(backbone(images).numpy(), roots=rooted)))
    np.testing.assert_allclose(whole, parts, atol=1e-5)
    assert (encoder.encode(pixels) * whole).sum(1).mean() > 0.98  # 8 bits against float32
