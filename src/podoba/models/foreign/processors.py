"""How a published repository prepares pictures: the square of pixels, and the numbers that its graph takes of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.errors import ModelError
from podoba.images.resize import PixelRule, Resample

FILE = "preprocessor_config.json"
FILTERS: dict[int, Resample] = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}  # Pillow's


@dataclass(frozen=True)
class Processor:
    """Attributes: rule: of the pixels. rescale: what a byte is multiplied by. mean, std: then taken off and divided by."""

    rule: PixelRule
    rescale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


def read_processor(folder: Path) -> Processor:
    """The processor of a repository's folder. Raises `ModelError` where there is none, or it is not understood."""
    path = folder / FILE
    try:
        facts: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error}): fetch it beside the graph") from error
    shortest = _side(facts.get("size"))
    size = _side(facts.get("crop_size")) if facts.get("do_center_crop") else shortest
    if size is None or shortest is None:
        raise ModelError(f"{path}: its sizes are not understood: choose another model")
    fit = "crop" if isinstance(facts["size"], int) or "shortest_edge" in facts["size"] else "stretch"
    rule = PixelRule(size, fit, shortest, FILTERS[facts.get("resample", 2)], exact=True)  # type: ignore[arg-type]
    ones = (1.0, 1.0, 1.0)
    mean, std = (facts["image_mean"], facts["image_std"]) if facts.get("do_normalize", True) else ((0.0, 0.0, 0.0), ones)
    return Processor(
        rule, facts.get("rescale_factor", 1 / 255) if facts.get("do_rescale", True) else 1.0, tuple(mean), tuple(std)
    )


def _side(size: Any) -> int | None:
    if isinstance(size, dict):
        size = size.get("shortest_edge", size.get("height"))
    return size if isinstance(size, int) else None
