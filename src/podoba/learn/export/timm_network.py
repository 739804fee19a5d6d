"""Published timm networks as model files."""

from pathlib import Path

from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import build_backbone
from podoba.models.card import Card
from podoba.models.names import timm_path
from podoba.runs.settings import BackboneSettings


def pull_timm(name: str) -> Path:
    """The model file of `timm/<name>` in the cache; where it is not there yet, the network is fetched and exported.

    Raises:
        SettingsError, ModelError, DownloadError: as `export_timm`, or a name that timm cannot have.
    """
    path = timm_path(name)
    if not path.exists():
        export_timm(name, path)
    return path


def export_timm(name: str, path: Path, *, pretrained: bool = True) -> Card:
    """Write a published timm network as a model file: its pooled features, normalised, are the descriptors.

    Args:
        name: of timm's, with or without `timm/` before it.
        pretrained: with its published weights, fetched where they are not here; False: with random ones.

    Raises:
        SettingsError: an unknown name.
        ModelError, DownloadError: weights that cannot be fetched; says where the file may be put by hand.
    """
    real = name.removeprefix("timm/")
    by_hand = f"run `podoba models export timm/{real} {path.name}` where there is a network, and put that file at {path}"
    backbone = build_backbone(BackboneSettings(name=real, pretrained=pretrained, transfer="frozen"), None, by_hand)
    licence = str(getattr(backbone.body, "pretrained_cfg", {}).get("license", "see the timm model card"))
    card = Card.make(
        name=f"timm/{real}",
        input_size=backbone.input_size,
        dim=backbone.feature_dim,
        resize="crop",
        backbone=real,
        training_data=[{"name": "as published with the timm weights", "licence": licence}],
        notes="Published weights, exported without further training.",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    export_onnx(backbone, card, path)
    return card
