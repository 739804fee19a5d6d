"""What the augmentations of a plan do to images of the training source (the paper's figures 5 and 6)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels
from podoba.images.resize import Resize
from podoba.images.sources.base import ImageSource
from podoba.images.split import balanced_subset
from podoba.report.study.read.measured import Measured
from podoba.report.study.show.pictures import encoded
from podoba.runs.settings import AugmentationSettings
from podoba.study.folder import Cell

IMAGES = 4
SIDE = 96  # pixels, of a sample in the page


def augmentations(measured: Measured) -> list[tuple[AugmentationSettings, Cell]]:
    """The different augmentations of the study's cells, each with one of its cells; `none` is left out."""
    found: dict[str, tuple[AugmentationSettings, Cell]] = {}
    for variant in measured.study.variants:
        for cell in variant.cells[:1]:
            settings = AugmentationSettings.model_validate(cell.settings.get("augmentation", {}))
            if settings.names:
                found.setdefault(json.dumps(settings.model_dump(mode="json"), sort_keys=True), (settings, cell))
    return list(found.values())


def samples(settings: AugmentationSettings, cell: Cell, source: ImageSource, seed: int = 0) -> dict[str, Any] | None:
    """Columns of pictures: originals first, then samples; None where no image of the source can be read."""
    from podoba.learn.augmentation.preview import augmented, caption  # torch, which nothing else of a report needs

    size = int(cell.settings.get("input_size") or SIDE)
    rule: Resize = cell.settings.get("resize") or "stretch"
    pixels = _pixels(source, size, rule, seed)
    if not len(pixels):
        return None
    columns = augmented(pixels, settings, seed)
    return {
        "caption": caption(settings),
        "columns": [[encoded(Image.fromarray(one), SIDE) for one in column] for column in columns],
    }


def _pixels(source: ImageSource, size: int, rule: Resize, seed: int) -> NDArray[np.uint8]:
    found = []
    for row in balanced_subset(source.labels, IMAGES, seed):
        try:
            found.append(load_pixels(source.records[row], size, rule))
        except UnreadableImage:
            continue  # another one shows the same; the training's own notes name it
    return np.stack(found) if found else np.zeros((0, size, size, 3), np.uint8)
