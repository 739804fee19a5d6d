"""What an augmentation does, as a picture."""

import math
import textwrap
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from podoba.errors import SettingsError, TrainingError
from podoba.images.reading import read_batches
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_part
from podoba.images.split import balanced_subset
from podoba.learn.augmentation.build import Augmentation
from podoba.learn.augmentation.mixup import mixup_batch
from podoba.runs.settings import AugmentationSettings, Settings

SAMPLES = 7
SMALLEST, LARGEST = 96, 224  # sides of a cell, pixels
GAP = 6
FONT_SIZE = 13
LINE = 18
GEOMETRY = ("shift", "zoom", "rotate", "fill")
RANGES = {
    "shift-zoom-rotate": GEOMETRY,
    "shift-zoom-rotate-flip": GEOMETRY,
    "crop": ("crop",),
    "colour-jitter": ("brightness", "contrast", "saturation", "hue", "grey"),
    "random-erasing": ("erase_probability", "erase_area"),
    "downscale": ("downscale_probability", "downscale_size"),
    "randaugment": ("operations", "magnitude", "fill"),
    "mixup": ("mixup",),
}


def preview_training(settings: Settings, path: Path, *, images: int = 6, side: int = 96) -> None:
    """Draw `preview` of a few training images, of all classes alike, as a training with these settings would see them.

    Args:
        images: how many at most.
        side: pixels, where the settings leave the input size open.

    Raises:
        TrainingError: none of the images can be read.
        SettingsError: as `preview`.
    """
    source = open_part(settings.train, "train")
    records = [source.records[i] for i in balanced_subset(source.labels, images, settings.seed)]
    rule = PixelRule(settings.input_size or side, settings.resize or "stretch")
    batches = [pixels for _, pixels in read_batches(records, rule, images)]
    if not batches:
        raise TrainingError(f"{settings.train}: none of the images to be shown can be read: name other images")
    preview(np.concatenate(batches), settings.augmentation, path, settings.seed)


def preview(images: NDArray[np.uint8], settings: AugmentationSettings, path: Path, seed: int = 0) -> None:
    """Draw a row an image: the original first, then seven augmented samples; small images are enlarged.

    Args:
        images: uint8 (N, H, W, 3).
        settings: named in the caption with the ranges they draw from.
        path: of the picture; its ending gives the format.
        seed: of the samples.

    Raises:
        SettingsError: an ending that is no image format, a path that cannot be written, or a range that is none.
    """
    columns = augmented(images, settings, seed)
    width, height = _cell(images.shape[2], images.shape[1])
    step = width + GAP
    font = ImageFont.load_default(FONT_SIZE)
    title = textwrap.wrap(caption(settings), int((SAMPLES + 1) * step / font.getlength("n")))
    top = GAP + LINE * (len(title) + 1)
    sheet = Image.new("RGB", ((SAMPLES + 1) * step + GAP, top + len(images) * (height + GAP)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, line in enumerate(title):
        draw.text((GAP, GAP // 2 + i * LINE), line, "black", font)
    for x, column in enumerate(columns):
        left = GAP + x * step
        draw.text((left, top - LINE), "original" if x == 0 else f"sample {x}", "#555555", font)
        for y, pixels in enumerate(column):
            enlarged = width >= pixels.shape[1]
            how = Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS
            sheet.paste(Image.fromarray(pixels).resize((width, height), how), (left, top + y * (height + GAP)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: the preview cannot be written ({error}): give a path such as preview.png") from error


def augmented(images: NDArray[np.uint8], settings: AugmentationSettings, seed: int) -> list[NDArray[np.uint8]]:
    """The originals, then seven samples of them, each uint8 (N, H, W, 3), of images of that shape."""
    augmentation = Augmentation(settings)
    generator = torch.Generator().manual_seed(seed)
    originals = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    columns = [images]
    for _ in range(SAMPLES):
        changed = augmentation(originals, generator)
        if augmentation.mixup is not None:
            changed = mixup_batch(changed, generator, augmentation.mixup)[0]
        columns.append((changed * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy())
    return columns


def caption(settings: AugmentationSettings) -> str:
    """The techniques in words, each with the ranges it draws from."""
    parts = []
    for name in settings.names:
        values = [f"{field} {_text(getattr(settings, field))}" for field in RANGES.get(name, ())]
        parts.append(f"{name} ({', '.join(values)})" if values else name)
    return " + ".join(parts) or "none"


def _cell(width: int, height: int) -> tuple[int, int]:
    """The size to draw an image of this size at: enlarged a whole number of times, or reduced."""
    side = max(width, height)
    scale = math.ceil(SMALLEST / side) if side < SMALLEST else min(1.0, LARGEST / side)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " to ".join(_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
