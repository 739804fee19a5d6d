"""The layers of a network that is not trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch

from podoba.errors import SettingsError
from podoba.images.resize import PixelRule
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.setup import build_network, layers_of, open_fabric, pixel_rule, resolve
from podoba.models.names import open_model
from podoba.runs.settings import BackboneSettings, Settings
from podoba.runs.settings_file import load_settings

Make = Callable[..., Settings]


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)


@pytest.mark.parametrize(
    ("loss", "sampler"),
    [("triplet", "balanced"), ("cross-entropy", "shuffled"), ("arcface", "shuffled"), ("combined", "shuffled")],
)
def test_open_ends_are_filled_in(small: Make, backbone: Backbone, loss: str, sampler: str) -> None:
    resolved = resolve(small(loss={"name": loss}, input_size=None), backbone)
    assert (resolved.sampler.name, resolved.input_size, resolved.resize) == (sampler, 16, None)
    assert resolve(small(resize="crop", sampler={"name": "balanced"}), backbone).resize == "crop"


def test_pictures_are_prepared_as_the_weights_were_learned_unless_told_otherwise(small: Make, backbone: Backbone) -> None:
    assert pixel_rule(small(), backbone) == PixelRule(16)
    assert pixel_rule(small(resize="pad"), backbone) == PixelRule(16, "pad")
    bundled = build_backbone(BackboneSettings(name="photo"), 96)
    own = open_model("photo", device="cpu").card.pixels
    assert pixel_rule(small(), bundled) == own.at(96)
    assert own.fit == "crop"


def test_pictures_for_weights_of_timm_are_cropped_as_they_were_learned(small: Make, tmp_path: Path) -> None:
    body = timm.create_model("resnet18.a1_in1k", num_classes=0)
    torch.save(body.state_dict(), tmp_path / "weights.pth")
    settings = {"name": "resnet-18", "pretrained": str(tmp_path / "weights.pth"), "transfer": "frozen"}
    learned = small(backbone=settings, input_size=95)
    rule = pixel_rule(learned, build_backbone(learned.backbone, 95))
    assert (rule.size, rule.fit, rule.shortest) == (95, "crop", 100)  # crop_pct is 0.95
    scratch = small(backbone={**settings, "transfer": "scratch"}, input_size=95)
    assert pixel_rule(scratch, build_backbone(scratch.backbone, 95)) == PixelRule(95)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"augmentation": {"name": "mixup"}, "loss": {"name": "triplet"}}, "mixup"),
        ({"batch_size": 3, "loss": {"name": "triplet"}, "sampler": {"name": "shuffled"}}, "batches of 4 or more"),
        ({"training_sizes": [8, 16], "backbone": {"name": "small-digits", "transfer": "frozen"}}, "run at input_size only"),
    ],
)
def test_settings_at_odds_are_refused(small: Make, backbone: Backbone, changes: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        resolve(small(**changes), backbone)


@pytest.mark.parametrize(("loss", "classifier"), [("cross-entropy", True), ("triplet", False), ("combined", True)])
@pytest.mark.parametrize(("transfer", "frozen"), [("frozen", True), ("frozen-then-finetune", True), ("finetune", False)])
def test_a_network_has_a_classifier_where_the_loss_needs_one_and_learns_what_it_may(
    small: Make, backbone: Backbone, loss: str, classifier: bool, transfer: str, frozen: bool
) -> None:
    settings = small(loss={"name": loss}, backbone={"name": "small-digits", "pretrained": False, "transfer": transfer})
    network = build_network(settings, backbone, 3)
    assert (network.classifier is not None) is classifier
    assert network.frozen is frozen


def test_a_device_that_is_not_here_is_one_line(small: Make) -> None:
    assert open_fabric(small()).device.type == "cpu"
    with pytest.raises(SettingsError, match="device=abacus") as caught:
        open_fabric(small(device="abacus"))
    assert "\n" not in str(caught.value)


VGG = ("backbone.name=vgg16", "backbone.transfer=frozen", "head.hidden=512", "input_size=32")


@pytest.mark.parametrize(
    ("loss", "total", "trainable"), [("triplet", 15_240_000, 525_312), ("cross-entropy", 15_245_130, 530_442)]
)
def test_the_papers_networks(loss: str, total: int, trainable: int) -> None:
    rows = layers_of(load_settings(None, [*VGG, f"loss.name={loss}"], train="nowhere"), classes=10)
    assert (sum(row[2] for row in rows), sum(row[3] for row in rows)) == (total, trainable)


def test_classes_are_counted_where_nobody_says_how_many() -> None:
    settings = load_settings(None, [*VGG, "loss.name=cross-entropy"], train="digits")
    assert layers_of(settings) == layers_of(settings, classes=10) != layers_of(settings, classes=11)
