from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from podoba.errors import ModelError, SettingsError
from podoba.learn.accelerate.convolution import FastConv2d
from podoba.learn.networks.backbones import build_backbone, known_backbones, load_weights
from podoba.learn.networks.small_networks import SMALL_NETWORKS
from podoba.runs.settings import BackboneSettings


@pytest.mark.parametrize(
    ("name", "size", "dim"),
    [
        ("vgg16", 32, 512),
        ("resnet-18", 32, 512),
        ("mobilenet-v3", 32, 1280),
        ("efficientnet", 64, 1280),
        ("inception-v3", 96, 2048),
        ("vit_tiny_patch16_224", 32, 192),
    ],
)
def test_timm_backbones_give_one_vector_at_small_sizes(name: str, size: int, dim: int) -> None:
    backbone = build_backbone(BackboneSettings(name=name, pretrained=False, transfer="scratch"), size)
    assert backbone.feature_dim == dim
    assert backbone.eval()(torch.rand(2, 3, size, size)).shape == (2, dim)


@pytest.mark.parametrize("name", [*SMALL_NETWORKS, "vgg16", "resnet18"])
def test_stages_hold_every_weight_once_shallow_first(name: str) -> None:
    backbone = build_backbone(BackboneSettings(name=name, pretrained=False, transfer="scratch"), 32)
    grouped = [id(p) for stage in backbone.stages() for p in stage]
    assert sorted(grouped) == sorted(id(p) for p in backbone.parameters())
    assert len(backbone.stages()) >= 2
    first = next(p for p in backbone.parameters())
    assert id(first) in {id(p) for p in backbone.stages()[0]}


def test_vgg16_has_the_papers_convolutional_part() -> None:
    backbone = build_backbone(BackboneSettings(name="vgg16", pretrained=False, transfer="scratch"), 32)
    assert sum(p.numel() for p in backbone.parameters()) == 14_714_688
    assert len(backbone.stages()) == 5


@pytest.mark.parametrize(
    ("name", "size", "part"),
    [("resnet-19", 32, "did you mean"), ("inception-v3", 32, "larger input_size"), ("zzzzqqq", 32, "unknown backbone")],
)
def test_names_and_sizes_that_do_not_work(name: str, size: int, part: str) -> None:
    with pytest.raises(SettingsError, match=part):
        build_backbone(BackboneSettings(name=name, pretrained=False, transfer="scratch"), size)


def test_small_networks_have_no_published_weights() -> None:
    with pytest.raises(SettingsError, match="no published weights"):
        build_backbone(BackboneSettings(name="small-digits", pretrained=True), 16)


@pytest.mark.parametrize("prefix", ["", "body.", "backbone.body.", "module."])
def test_weights_load_from_own_and_published_layouts(tmp_path: Path, prefix: str) -> None:
    source = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    state = {prefix + key.removeprefix("body."): value for key, value in source.state_dict().items()}
    save_file(state | {"head.unrelated": torch.zeros(1)}, tmp_path / "w.safetensors")
    settings = BackboneSettings(name="small-digits", pretrained=str(tmp_path / "w.safetensors"))
    loaded = build_backbone(settings, 16)
    for key, value in source.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])


def test_published_vgg_layout_loads(tmp_path: Path) -> None:
    source = build_backbone(BackboneSettings(name="vgg11", pretrained=False), 32)
    state = {key.removeprefix("body."): value for key, value in source.state_dict().items()}
    torch.save(state | {"classifier.0.weight": torch.zeros(3)}, tmp_path / "vgg.pth")
    loaded = build_backbone(BackboneSettings(name="vgg11", pretrained=False), 32)
    load_weights(loaded, tmp_path / "vgg.pth")
    for key, value in source.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])


@pytest.mark.parametrize("content", [b"", b"junk" * 50])
@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_damaged_or_foreign_weights_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    backbone = build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16)
    with pytest.raises(ModelError, match=name):
        load_weights(backbone, tmp_path / name)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="missing"):
        load_weights(build_backbone(BackboneSettings(name="small-digits", pretrained=False), 16), tmp_path / "w.safetensors")


def test_a_hub_that_breaks_off_names_the_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("podoba.learn.networks.backbones.published_weights", lambda *_: None)  # its host answers
    monkeypatch.setattr("timm.create_model", offline)
    with pytest.raises(ModelError, match=r"backbone\.pretrained=PATH"):
        build_backbone(BackboneSettings(name="resnet18", pretrained=True), 32)


PLUGIN = """
from torch import nn

class Tiny(nn.Module):
    default_input_size = 8
    mean = std = (0.5, 0.5, 0.5)

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3)

    def forward(self, images):
        return self.second(self.first(images)).mean((2, 3))

class Staged(Tiny):
    def stages(self):
        return [self.first, self.second]
"""


@pytest.mark.parametrize(("name", "stages"), [("tiny", 1), ("staged", 2)])
def test_a_network_of_another_distribution_is_a_backbone_like_ours(
    name: str, stages: int, install_plugin: Callable[..., None], tmp_path: Path
) -> None:
    points = ("tiny = tiny_nets:Tiny", "staged = tiny_nets:Staged")
    install_plugin("tiny", "tiny_nets", PLUGIN, *points, group="podoba.backbones")
    assert name in known_backbones()
    backbone = build_backbone(BackboneSettings(name=name, pretrained=False), None).eval()
    assert (backbone.input_size, backbone.feature_dim) == (8, 5)
    assert len(backbone.stages()) == stages
    assert sorted(id(p) for stage in backbone.stages() for p in stage) == sorted(id(p) for p in backbone.parameters())
    assert backbone(torch.rand(2, 3, 12, 12)).shape == (2, 5)
    torch.testing.assert_close(backbone(torch.full((1, 3, 8, 8), 0.5)), backbone.body(torch.zeros(1, 3, 8, 8)))
    save_file(backbone.state_dict(), tmp_path / "w.safetensors")
    loaded = build_backbone(BackboneSettings(name=name, pretrained=str(tmp_path / "w.safetensors")), None)
    assert all(torch.equal(value, loaded.state_dict()[key]) for key, value in backbone.state_dict().items())
    with pytest.raises(SettingsError, match="no published weights"):
        build_backbone(BackboneSettings(name=name), None)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def build(): return 3", "has no default_input_size"),
        (PLUGIN.replace("nn.Module", "") + "build = Tiny", "cannot be|is no torch.nn.Module"),
        (PLUGIN.replace("mean = std", "std") + "build = Tiny", "has no mean"),
        (PLUGIN.replace(".mean((2, 3))", "") + "build = Tiny", "not one vector an image"),
    ],
)
def test_a_network_that_is_none_is_refused_in_one_line(code: str, said: str, install_plugin: Callable[..., None]) -> None:
    code = code.replace("super().__init__()", "super().__init__()" if "nn.Module" in code else "")
    install_plugin("odd", "odd_nets", code, "odd = odd_nets:build", group="podoba.backbones")
    with pytest.raises(SettingsError, match=said) as caught:
        build_backbone(BackboneSettings(name="odd", pretrained=False), None)
    assert "\n" not in str(caught.value)


def test_convolutions_are_replaced_where_settings_say_so() -> None:
    for fast in (True, False):
        backbone = build_backbone(BackboneSettings(name="vgg11", pretrained=False, fast_convolutions=fast), 32)
        assert any(isinstance(module, FastConv2d) for module in backbone.modules()) is fast
