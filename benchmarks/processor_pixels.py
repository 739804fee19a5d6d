"""Write tests/models/foreign/processor_pixels.json: what the published processors make of pictures that a test makes again.

python benchmarks/processor_pixels.py    # where transformers, open_clip or both can be imported

Of each case are stored the settings, the SHA-256 of the uint8 pixels of each picture before mean and standard deviation, and
some of the numbers that the graph is given of the first one. Of transformers the processors that work with Pillow are run.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

FIXTURES = Path(__file__).parents[1] / "tests" / "models" / "foreign" / "processor_pixels.json"
SIZES = [(640, 480), (481, 639), (333, 500), (224, 224), (97, 61), (30, 45), (901, 260)]
OPENAI = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SQUARE = {"height": 224, "width": 224}

TRANSFORMERS: dict[str, dict[str, Any]] = {
    "clip": {
        "crop_size": SQUARE, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True,
        "do_resize": True, "image_processor_type": "CLIPImageProcessor", "resample": 3, "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": 224}, **OPENAI,
    },
    "clip of old": {
        "crop_size": 224, "do_center_crop": True, "do_normalize": True, "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor", "resample": 3, "size": 224, **OPENAI,
    },
    "mobileclip": {
        "crop_size": {"height": 256, "width": 256}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": False,
        "do_rescale": True, "do_resize": True, "image_processor_type": "CLIPImageProcessor", "resample": 2,
        "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 256},
    },
    "dinov2": {
        "crop_size": SQUARE, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True,
        "do_resize": True, "image_processor_type": "BitImageProcessor", "resample": 3, "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": 256}, **IMAGENET,
    },
    "dinov2 with an odd spare": {
        "crop_size": 225, "image_processor_type": "BitImageProcessorFast", "size": {"shortest_edge": 250}, **IMAGENET,
    },
    "siglip": {
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_processor_type": "SiglipImageProcessor",
        "processor_class": "SiglipProcessor", "resample": 3, "rescale_factor": 0.00392156862745098, "size": SQUARE, **HALF,
    },
    "siglip2": {
        "do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_processor_type": "SiglipImageProcessor", "processor_class": "SiglipProcessor", "resample": 2,
        "rescale_factor": 0.00392156862745098, "size": {"height": 256, "width": 256}, **HALF,
    },
    "vit": {
        "do_normalize": True, "do_resize": True, "image_processor_type": "ViTFeatureExtractor", "resample": 2, "size": 224,
        **HALF,
    },
    "deit": {
        "crop_size": 224, "do_center_crop": True, "do_normalize": True, "do_resize": True,
        "feature_extractor_type": "DeiTFeatureExtractor", "resample": 3, "size": 256, **IMAGENET,
    },
    "convnext": {
        "crop_pct": 0.875, "do_normalize": True, "do_resize": True, "feature_extractor_type": "ConvNextFeatureExtractor",
        "resample": 3, "size": 224, **IMAGENET,
    },
    "convnext of 384": {
        "crop_pct": None, "image_processor_type": "ConvNextImageProcessor", "resample": 3, "size": {"shortest_edge": 384},
    },
    "resnet": {
        "crop_pct": 0.95, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_processor_type": "ConvNextImageProcessor", "resample": 3, "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": 224}, **IMAGENET,
    },
    "efficientnet": {
        "crop_size": {"height": 289, "width": 289}, "do_center_crop": False, "do_normalize": True, "do_rescale": True,
        "do_resize": True, "image_mean": [0.485, 0.456, 0.406], "image_processor_type": "EfficientNetImageProcessor",
        "image_std": [0.47853944, 0.4732864, 0.47434163], "include_top": True, "resample": 0,
        "rescale_factor": 0.00392156862745098, "rescale_offset": False, "size": SQUARE,
    },
    "efficientnet with an offset": {
        "do_center_crop": True, "image_processor_type": "EfficientNetImageProcessor", "include_top": False, "resample": 1,
        "rescale_factor": 0.00784313725490196, "rescale_offset": True, "crop_size": 289, **HALF,
    },
    "mobilenet": {
        "crop_size": SQUARE, "do_center_crop": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_processor_type": "MobileNetV2ImageProcessor", "resample": 2, "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": 256}, **HALF,
    },
    "levit": {"feature_extractor_type": "LevitFeatureExtractor", "size": 224, **IMAGENET},
    "bytes as they are": {
        "do_normalize": False, "do_rescale": False, "image_processor_type": "ViTImageProcessor", "resample": 4, "size": SQUARE,
    },
    **{
        f"nothing but {name}": {"image_processor_type": f"{name}ImageProcessor"}
        for name in (
            "CLIP", "ChineseCLIP", "Bit", "Levit", "MobileNetV1", "MobileNetV2", "ConvNext", "Siglip", "ViT", "DeiT", "Beit",
            "Blip", "Pvt", "EfficientNet",
        )
    },
}  # fmt: skip
OPEN_CLIP: dict[str, dict[str, Any]] = {
    "immich": {
        "size": [224, 224], "mode": "RGB", "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711], "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0,
    },
    "squashed": {
        "size": 240, "mode": "RGB", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic",
        "resize_mode": "squash", "fill_color": 0,
    },
    "bilinear": {"size": [225, 225], "interpolation": "bilinear", "mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]},
}  # fmt: skip


def picture(width: int, height: int) -> Image.Image:
    """Slopes with noise: whole numbers, the same on every machine."""
    rng = np.random.default_rng(width * 10_000 + height)
    across, down, colour = np.meshgrid(np.arange(width), np.arange(height), np.arange(3))
    slopes = (across * (3 + colour) // 4 + down * (5 - colour) // 3) % 256
    noise = rng.integers(-40, 41, (height, width, 3))
    return Image.fromarray(np.clip(slopes + noise, 0, 255).astype(np.uint8))


def some(numbers: NDArray[Any]) -> list[float]:
    """A few numbers of what a graph is given, (3, H, W)."""
    return [float(numbers[colour, row, row // 2]) for colour in range(3) for row in (0, 50, 133, 201)]


def digest(pixels: NDArray[Any]) -> str:
    """SHA-256 of uint8 (H, W, 3)."""
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def case(
    settings: dict[str, Any], bytes_of: Callable[[Image.Image], NDArray[Any]], given: Callable[[Image.Image], NDArray[Any]]
) -> dict[str, Any]:
    """One case of the file."""
    pictures = [picture(*size) for size in SIZES]
    return {"settings": settings, "pixels": [digest(bytes_of(one)) for one in pictures], "numbers": some(given(pictures[0]))}


def of_transformers(settings: dict[str, Any]) -> dict[str, Any]:
    """What a processor of transformers makes of the pictures."""
    name: str = settings.get("image_processor_type") or settings["feature_extractor_type"]
    real = name.removesuffix("Fast").replace("FeatureExtractor", "ImageProcessor")
    processor = getattr(importlib.import_module("transformers"), f"{real}Pil").from_dict(dict(settings))
    as_they_are = {"do_rescale": False, "do_normalize": False}
    if "EfficientNet" in real:
        as_they_are["include_top"] = False
    return case(
        settings,
        lambda one: np.asarray(processor(one, **as_they_are)["pixel_values"][0]).transpose(1, 2, 0),
        lambda one: np.asarray(processor(one)["pixel_values"][0]),
    )


def of_open_clip(settings: dict[str, Any]) -> dict[str, Any]:
    """What open_clip's transform makes of the pictures."""
    module = importlib.import_module("open_clip.transform")
    size = tuple(settings["size"]) if isinstance(settings["size"], list) else settings["size"]
    transform = module.image_transform_v2(module.PreprocessCfg(**settings | {"size": size}), is_train=False)
    to_pixels = [step for step in transform.transforms if type(step).__name__ not in ("MaybeToTensor", "Normalize")]

    def bytes_of(one: Image.Image) -> NDArray[Any]:
        for step in to_pixels:
            one = step(one)
        return np.asarray(one)

    return case(settings, bytes_of, lambda one: transform(one).numpy())


def main() -> None:
    """Replace the cases of the packages that are here."""
    stored: dict[str, Any] = json.loads(FIXTURES.read_text(encoding="utf-8")) if FIXTURES.exists() else {}
    stored["sizes"], made_by = SIZES, stored.setdefault("made_by", {})
    for package, distribution, cases, make in (
        ("transformers", "transformers", TRANSFORMERS, of_transformers),
        ("open_clip", "open_clip_torch", OPEN_CLIP, of_open_clip),
    ):
        if find_spec(package) is not None:
            stored[package] = {name: make(settings) for name, settings in cases.items()}
            made_by[package] = f"{version(distribution)}, pillow {PIL.__version__}, numpy {np.__version__}"
    FIXTURES.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
