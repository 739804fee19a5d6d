"""The layers of the network that settings describe, without training it."""

from __future__ import annotations

from podoba.images.sources.open import open_source
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.layer_table import Row, layer_table
from podoba.learn.setup import build_network, resolve
from podoba.runs.settings import Settings


def layers_of(settings: Settings, classes: int | None = None) -> list[Row]:
    """Rows (layer, output shape, parameters, of them trainable) of the network that `train` would build; no weights are fetched.

    Args:
        classes: number of classes; None: those of the training images, which are then listed.
    """
    backbone_settings = settings.backbone
    if backbone_settings.pretrained is True:  # the table is of shapes and counts
        backbone_settings = backbone_settings.model_copy(update={"pretrained": False})
    backbone = build_backbone(backbone_settings, settings.input_size)
    count = classes or max(2, len(open_source(settings.train).classes))
    return layer_table(build_network(resolve(settings, backbone), backbone, count))
