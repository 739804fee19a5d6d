"""What an augmentation does, as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from podoba.learn.augmentation.build import build_augmentation
from podoba.learn.augmentation.mixup import mixup_batch
from podoba.learn.settings import AugmentationSettings

COLUMNS = 8
CELL = 96
GAP = 6
CAPTION = 22


def preview(images: NDArray[np.uint8], settings: AugmentationSettings, path: Path, seed: int = 0) -> None:
    """Draw a row an image (N, H, W, 3): the original first, then seven augmented samples."""
    augmentation = build_augmentation(settings)
    generator = torch.Generator().manual_seed(seed)
    originals = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    columns = [originals]
    for _ in range(COLUMNS - 1):
        changed = augmentation(originals, generator)
        if augmentation.mixup is not None:
            changed = mixup_batch(changed, generator, augmentation.mixup)[0]
        columns.append(changed)
    step = CELL + GAP
    sheet = Image.new("RGB", (COLUMNS * step + GAP, len(images) * step + GAP + CAPTION), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    draw.text((GAP, 4), "original", "black", font)
    draw.text((GAP + step, 4), " + ".join(settings.names) or "none", "black", font)
    for x, column in enumerate(columns):
        pixels = (column.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        for y, cell in enumerate(pixels):
            picture = Image.fromarray(cell).resize((CELL, CELL), Image.Resampling.NEAREST)
            sheet.paste(picture, (GAP + x * step, CAPTION + GAP + y * step))
    sheet.save(path)
