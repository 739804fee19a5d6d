"""What the augmentations of a plan do to images of the training source.

Torch draws them; it is imported only here and only to draw, and where it is not installed the report does without samples.
"""

import json
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels
from podoba.images.resize import PixelRule
from podoba.images.sources.base import ImageSource
from podoba.images.split import balanced_subset
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.sources import Sources
from podoba.report.study.show.pictures import encoded
from podoba.runs.settings import AugmentationSettings
from podoba.study.folder import Cell

IMAGES = 4
SIDE = 96  # pixels, of a sample in the page


def can_be_drawn() -> bool:
    """Whether torch, which augments images, is installed."""
    return find_spec("torch") is not None


def augmentations(measured: Measured) -> list[tuple[AugmentationSettings, Cell]]:
    """The different augmentations of the study's cells, each with one of its cells; `none` is left out."""
    distinct: dict[str, tuple[AugmentationSettings, Cell]] = {}
    for variant in measured.study.variants:
        for cell in variant.cells[:1]:
            settings = AugmentationSettings.model_validate(cell.settings.get("augmentation", {}))
            if settings.names:
                distinct.setdefault(json.dumps(settings.model_dump(mode="json"), sort_keys=True), (settings, cell))
    return list(distinct.values())


def study_samples(measured: Measured, sources: Sources) -> list[dict[str, Any]]:
    """Samples of each augmentation of the study, for the page; none where torch or the training images are missing."""
    if not can_be_drawn():
        return []
    drawn = []
    for settings, cell in augmentations(measured):
        source = sources.training(cell)
        if source is not None:
            drawn.append(samples(settings, cell, source))
    return [one for one in drawn if one is not None]


def samples(settings: AugmentationSettings, cell: Cell, source: ImageSource) -> dict[str, Any] | None:
    """Columns of pictures: originals first, then samples; None where no image of the source can be read."""
    from podoba.learn.augmentation.preview import augmented, caption

    pixels = training_pixels(cell, source)
    if not len(pixels):
        return None
    columns = augmented(pixels, settings, seed=0)
    return {
        "caption": caption(settings),
        "columns": [[encoded(Image.fromarray(image), SIDE) for image in column] for column in columns],
    }


def training_pixels(cell: Cell, source: ImageSource) -> NDArray[np.uint8]:
    """At most `IMAGES` training images, even over the classes, uint8 (n, size, size, 3), resized as in the training."""
    size = int(cell.settings.get("input_size") or SIDE)
    rule = PixelRule(size, cell.settings.get("resize") or "stretch")
    pixels = []
    for row in balanced_subset(source.labels, IMAGES, seed=0):
        try:
            pixels.append(load_pixels(source.records[row], rule))
        except UnreadableImage:
            continue  # another one shows the same; the training's own notes name it
    return np.stack(pixels) if pixels else np.zeros((0, size, size, 3), np.uint8)
