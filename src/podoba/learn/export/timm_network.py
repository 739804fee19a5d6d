"""Published timm networks as model files."""

import re
from pathlib import Path

from timm.models import get_pretrained_cfg

from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import build_backbone, timm_name
from podoba.models.card import Card, pixel_facts
from podoba.models.foreign.processors import timm_processor
from podoba.models.names import timm_path
from podoba.runs.settings import BackboneSettings

UNKNOWN = "see the timm model card"


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

    Pictures become pixels as timm evaluates the network. One that was learned beside texts keeps its projection, so that its
    descriptors lie where those of the words do. The same network makes the same file: nothing in it tells of a day.

    Args:
        name: of timm's, with or without `timm/` before it, and perhaps with `@` and another side in pixels behind it.
        pretrained: with its published weights, fetched where they are not here; False: with random ones.

    Raises:
        SettingsError: an unknown name, or a side that the network does not take.
        ModelError, DownloadError: weights that cannot be fetched; says where the file may be put by hand. Or a way to prepare
            pictures that is not understood.
    """
    real, size = _name_and_size(name.removeprefix("timm/"))
    by_hand = f"run `podoba models export {name} {path.name}` where there is a network, and put that file at {path}"
    settings = BackboneSettings(name=real, pretrained=pretrained, transfer="frozen")
    backbone = build_backbone(settings, size, by_hand, projected=True)
    published = get_pretrained_cfg(timm_name(real))
    facts = {} if published is None else published.to_dict()
    rule = timm_processor(facts, f"timm/{real}", backbone.input_size).rule
    card = Card(
        name=f"timm/{real}" if size is None else f"timm/{real}@{size}",
        **pixel_facts(rule),
        dim=backbone.feature_dim,
        backbone=real,
        training_data=[
            {"name": "as published with the timm weights", "licence": facts.get("license") or "see the timm model card"}
        ],
        licence=facts.get("license"),
        notes="Published weights, exported without further training.",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    export_onnx(backbone, card, path)
    return card


def _name_and_size(name: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.+)@(\d+)", name)
    return (found[1], int(found[2])) if found else (name, None)
