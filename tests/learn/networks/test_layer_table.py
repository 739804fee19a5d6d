from __future__ import annotations

import pytest
import torch

from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.layer_table import layer_table
from podoba.learn.networks.network import DescriptorNetwork
from podoba.runs.settings import BackboneSettings, HeadSettings


def network(name: str, size: int, head: HeadSettings, classes: int | None) -> DescriptorNetwork:
    made = DescriptorNetwork(build_backbone(BackboneSettings(name=name, pretrained=False), size), head, classes)
    made.set_transfer("frozen")
    return made


@pytest.mark.parametrize("classes", [None, 10])
def test_the_papers_networks(classes: int | None) -> None:
    rows = layer_table(network("vgg16", 32, HeadSettings(hidden=512, dim=512, dropout=0.5), classes))
    dense = [("dense", "512", 262_656, 262_656)]
    assert rows[0] == ("backbone vgg16", "512", 14_714_688, 0)
    assert [row for row in rows if row[0] == "dense"] == dense
    assert ("dense: descriptor", "512", 262_656, 262_656) in rows
    assert ("L2 normalisation", "512", 0, 0) in rows
    assert [row for row in rows if row[0] == "dense: classes"] == ([("dense: classes", "10", 5_130, 5_130)] if classes else [])


def test_every_layer_of_the_head_has_a_row() -> None:
    rows = layer_table(network("small-digits", 16, HeadSettings(hidden=8, dim=4, batch_norm=True, activation="relu"), None))
    assert [row[0] for row in rows] == [
        "backbone small-digits", "dense", "batch normalisation", "relu", "dropout", "dense: descriptor", "batch normalisation",
        "relu", "L2 normalisation",
    ]  # fmt: skip


def test_the_network_is_left_as_it_was() -> None:
    made = network("small-digits", 16, HeadSettings(), None)
    before = {key: value.clone() for key, value in made.state_dict().items()}
    layer_table(made)
    assert all(torch.equal(value, before[key]) for key, value in made.state_dict().items())
    assert not any(module._forward_hooks for module in made.modules())
