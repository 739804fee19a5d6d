"""The layer table of the network that settings describe, without training it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podoba.images.sources.open import open_source
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.layer_table import Row, layer_table
from podoba.learn.setup import build_network, resolve
from podoba.runs.settings import Settings


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network.

    Attributes:
        rows: (layer, output shape, parameters, of them trainable).
    """

    rows: list[Row]

    @property
    def parameters(self) -> int:
        """Numbers in the network."""
        return sum(row[2] for row in self.rows)

    @property
    def trainable_parameters(self) -> int:
        """Numbers of them that learn."""
        return sum(row[3] for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba train --summary --json`."""
        keys = ("layer", "output", "parameters", "trainable_parameters")
        layers = [dict(zip(keys, row, strict=True)) for row in self.rows]
        return {"layers": layers, "parameters": self.parameters, "trainable_parameters": self.trainable_parameters}


def describe_layers(settings: Settings, classes: int | None = None) -> LayerTable:
    """The layer table of what a training with these settings would train; published weights are not fetched for it.

    Args:
        classes: of the training images; None: they are counted in `settings.train`.

    Raises:
        SettingsError: an unknown backbone, settings at odds with each other.
        SourceError: where `classes` is None, training images that are not there.
    """
    backbone_settings = settings.backbone
    if backbone_settings.pretrained is True:  # the table is of shapes and counts, which random weights have too
        backbone_settings = backbone_settings.model_copy(update={"pretrained": False})
    backbone = build_backbone(backbone_settings, settings.input_size)
    count = classes or max(2, len(open_source(settings.train).classes))
    return LayerTable(layer_table(build_network(resolve(settings, backbone), backbone, count)))
