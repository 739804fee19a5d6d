from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from podoba.images.resize import PixelRule
from podoba.learn.data.batches import Batches, FeatureBatches, PixelBatches
from podoba.learn.data.load import load_data
from podoba.learn.evaluate import describe_split
from podoba.learn.fit.held_out import HeldOut, HeldOutSettings
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.setup import build_network, open_fabric
from podoba.runs.settings import Settings

CPU = torch.device("cpu")


@pytest.mark.parametrize("transfer", ["frozen", "finetune"])
@pytest.mark.parametrize("gallery", [2_000, 24])
def test_the_precision_is_that_of_a_slow_loop(
    small: Callable[..., Settings], coloured: Path, transfer: str, gallery: int
) -> None:
    shutil.copyfile(coloured / "red" / "00.png", coloured / "blue" / "copy.png")
    settings = small(
        backbone={"name": "small-digits", "pretrained": False, "transfer": transfer},
        augmentation={"name": "flip", "views": 2},
    )
    data = load_data(settings, PixelRule(16))
    assert data.validation is not None
    torch.manual_seed(0)
    network = build_network(settings, build_backbone(settings.backbone, 16), 3)
    features = transfer == "frozen"
    batches: Batches = FeatureBatches(network, data, settings, CPU) if features else PixelBatches(data, settings, CPU)
    held_out = HeldOut(data, HeldOutSettings(gallery=gallery, batch_size=7))
    assert len(held_out.rows) == min(gallery, len(data.train))

    queries, rows = describe_split(network, data.validation, CPU), describe_split(network, data.train, CPU)
    contents = data.train.known.contents
    shares = []
    for query, label, content in zip(queries, data.validation.labels, data.validation.known.contents, strict=True):
        others = [row for row in held_out.rows if contents[row] != content]
        nearest = sorted(others, key=lambda row: np.linalg.norm(rows[row] - query))[:5]
        shares.append(np.mean(data.train.labels[nearest] == label))
    assert held_out.precision(network, batches, open_fabric(settings)) == pytest.approx(np.mean(shares))
