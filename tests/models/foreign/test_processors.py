"""Settings of published repositories against what their own programs make of pictures."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torchvision.transforms import InterpolationMode, Normalize
from torchvision.transforms.functional import resize as torchvision_resize
from torchvision.transforms.functional import to_pil_image, to_tensor

from podoba.errors import ModelError
from podoba.images.decode import decode_pixels, picture_pixels
from podoba.images.resize import PixelRule
from podoba.models.foreign.processors import Processor, read_processor, timm_processor
from processor_pixels import FIXTURES, SIZES, TRANSFORMERS, digest, picture, some

STORED: dict[str, Any] = json.loads(FIXTURES.read_text(encoding="utf-8"))
CLIP, DINO = TRANSFORMERS["clip"], TRANSFORMERS["dinov2"]
SQUARE = {"height": 224, "width": 224}


def read(folder: Path, settings: object, name: str = "preprocessor_config.json") -> Processor:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), encoding="utf-8")
    return read_processor(folder)


def given(processor: Processor, pixels: NDArray[np.uint8]) -> NDArray[np.floating]:
    """What a graph is given, (3, H, W)."""
    return ((pixels * processor.rescale - processor.mean) / processor.std).transpose(2, 0, 1)


def holds(processor: Processor, case: dict[str, Any]) -> None:
    for size, expected in zip(SIZES, case["pixels"], strict=True):
        assert digest(picture_pixels(picture(*size), "x", processor.rule)) == expected, size
    first = picture_pixels(picture(*SIZES[0]), "x", processor.rule)
    np.testing.assert_allclose(some(given(processor, first)), case["numbers"], atol=2e-6)


@pytest.mark.parametrize("name", STORED["transformers"])
def test_pixels_are_those_of_transformers(tmp_path: Path, name: str) -> None:
    case = STORED["transformers"][name]
    assert case["settings"] == TRANSFORMERS[name]
    holds(read(tmp_path, case["settings"]), case)


@pytest.mark.parametrize("name", STORED["open_clip"])
@pytest.mark.parametrize("file", ["visual/preprocess_cfg.json", "preprocess_cfg.json", "open_clip_config.json"])
def test_pixels_are_those_of_open_clip(tmp_path: Path, name: str, file: str) -> None:
    case = STORED["open_clip"][name]
    settings = case["settings"]
    if file == "open_clip_config.json":
        size = settings["size"] if isinstance(settings["size"], int) else settings["size"][0]
        pixels = {key: value for key, value in settings.items() if key != "size"}
        settings = {"model_cfg": {"embed_dim": 512, "vision_cfg": {"image_size": size}}, "preprocess_cfg": pixels}
    holds(read(tmp_path, settings, file), case)


TIMM: dict[str, dict[str, Any]] = {
    "resnet": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center"},
    "bilinear": {"input_size": [3, 225, 225], "interpolation": "bilinear", "crop_pct": 0.875},
    "vit": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.9, "mean": [0.5] * 3, "std": [0.5] * 3},
    "dinov2": {"input_size": [3, 518, 518], "interpolation": "bicubic", "crop_pct": 1.0},
    "siglip": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 1.0, "crop_mode": "squash"},
    "squashed and cropped": {"input_size": [3, 288, 288], "interpolation": "bicubic", "crop_pct": 0.97, "crop_mode": "squash"},
    "with a border": {"input_size": [3, 256, 256], "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "border"},
    "nothing said": {"input_size": [3, 224, 224]},
}


@pytest.mark.parametrize("size", [None, 160, 161])
@pytest.mark.parametrize("name", TIMM)
def test_pixels_are_those_of_timm(name: str, size: int | None) -> None:
    config = resolve_data_config(pretrained_cfg=TIMM[name])
    if size is not None:
        config["input_size"] = (3, size, size)
    processor = timm_processor(TIMM[name], "timm/x", size)
    *to_pixels, normalize = create_transform(**config).transforms
    assert isinstance(normalize, Normalize)
    np.testing.assert_allclose([processor.mean, processor.std], [list(normalize.mean), list(normalize.std)], atol=1e-7)
    for shape in SIZES:
        expected = picture(*shape)
        for step in to_pixels:
            expected = step(expected)
        pixels = picture_pixels(picture(*shape), "x", processor.rule)
        np.testing.assert_array_equal(pixels, np.asarray(to_pil_image(expected)), str(shape))
    assert processor.rescale == 1 / 255


def test_a_jpeg_is_decoded_at_its_full_scale_for_a_published_model(tmp_path: Path) -> None:
    rule, buffer = read(tmp_path, DINO).rule, BytesIO()
    picture(1800, 1300).save(buffer, "JPEG", quality=90)
    whole = Image.open(BytesIO(buffer.getvalue()))
    np.testing.assert_array_equal(decode_pixels(buffer.getvalue(), "x", rule).pixels, picture_pixels(whole, "x", rule))


def test_pixels_of_a_processor_that_resizes_fractions_are_a_level_apart(tmp_path: Path) -> None:
    """DINOv3's processor is torchvision's: it divides by 255 first, and never rounds."""
    processor = read(tmp_path, {"image_processor_type": "DINOv3ViTImageProcessorFast", "size": SQUARE})
    for shape in SIZES:
        pixels = picture_pixels(picture(*shape), "x", processor.rule)
        exact = to_tensor(picture(*shape))
        theirs = 255 * torchvision_resize(exact, [224, 224], InterpolationMode.BILINEAR, antialias=True).numpy()
        assert np.abs(pixels.transpose(2, 0, 1) - theirs).max() < 1.01


def test_timms_own_repositories_are_read(tmp_path: Path) -> None:
    settings = {"architecture": "vit_tiny", "num_features": 192, "pretrained_cfg": TIMM["vit"]}
    expected = PixelRule(224, "crop", 248, "bicubic", "round", exact=True)
    assert read(tmp_path, settings, "config.json").rule == expected
    wrapped = {"image_processor_type": "TimmWrapperImageProcessor", **settings}
    assert read(tmp_path / "wrapped", wrapped) == read_processor(tmp_path)


def test_settings_inside_those_of_a_whole_processor_are_read(tmp_path: Path) -> None:
    nested = {"image_processor": CLIP, "processor_class": "CLIPProcessor"}
    assert read(tmp_path, nested, "processor_config.json") == read(tmp_path / "flat", CLIP)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"image_processor_type": "Siglip2ImageProcessor", "max_num_patches": 256},
            "image_processor_type: Siglip2ImageProcessor",
        ),
        ({"image_processor_type": "AutoImageProcessor"}, "image_processor_type: AutoImageProcessor"),
        ({"size": 224}, "image_processor_type: missing"),
        (CLIP | {"do_center_crop": False}, "size: the shorter side alone"),
        (CLIP | {"do_resize": False}, "do_resize: false"),
        (CLIP | {"size": {"longest_edge": 224}}, "size: "),
        (CLIP | {"size": {"shortest_edge": 224, "longest_edge": 400}}, "size: "),
        (CLIP | {"size": {"height": 224, "width": 336}}, "size: .* is no square"),
        (CLIP | {"size": {"shortest_edge": 0}}, "size: 0 is no number of pixels"),
        (CLIP | {"crop_size": {"height": 224, "width": 200}}, "crop_size: .* is no square"),
        (CLIP | {"crop_size": 256}, "crop_size: 256 of 224 pixels would be padded"),
        (CLIP | {"resample": 9}, "resample: 9 is none of Pillow's filters"),
        (CLIP | {"image_std": [0.2, 0, 0.2]}, "image_std: nothing can be divided by 0"),
        (CLIP | {"image_mean": [0.2, 0.2]}, "image_mean: "),
        (CLIP | {"rescale_factor": "1/255"}, "rescale_factor: "),
        (CLIP | {"do_pad": True}, "do_pad: true is unknown"),
        (CLIP | {"do_flip_channel_order": True}, "do_flip_channel_order: true is unknown"),
        (CLIP | {"auto_map": {"AutoImageProcessor": "x.Own"}}, "auto_map: .* is unknown"),
        (CLIP | {"size_divisor": 32}, "size_divisor: 32 is unknown"),
        (TRANSFORMERS["convnext"] | {"size": SQUARE}, "size: both sides"),
        (TRANSFORMERS["convnext"] | {"do_center_crop": True, "crop_size": 200}, "crop_size: a second centre"),
        ([1], "has no settings"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_key(tmp_path: Path, settings: Any, reason: str) -> None:
    with pytest.raises(ModelError, match=f"preprocessor_config.json: {reason}"):
        read(tmp_path, settings)


@pytest.mark.parametrize(
    "harmless", [{"do_pad": None}, {"do_pad": False}, {"size_divisor": None}, {"data_format": "channels_first"}]
)
def test_what_is_switched_off_is_no_obstacle(tmp_path: Path, harmless: dict[str, Any]) -> None:
    assert read(tmp_path, CLIP | harmless) == read(tmp_path / "other", CLIP)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resize_mode": "longest"}, "resize_mode: longest: pads"),
        ({"size": [224, 336]}, "size: .* is no square"),
        ({"mode": "L"}, "mode: L: other colours"),
        ({"interpolation": "magic"}, "interpolation: 'magic'"),
        ({"gamma": 2.2}, "gamma: 2.2 is unknown"),
    ],
)
def test_what_is_not_understood_of_open_clip_is_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=f"preprocess_cfg.json: {reason}"):
        read(tmp_path, STORED["open_clip"]["immich"]["settings"] | change, "preprocess_cfg.json")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"input_size": [3, 1024, 768]}, "input_size: .* no square"),
        ({"input_size": [1, 224, 224]}, "input_size: .* no square"),
        ({"crop_pct": 1.15}, "crop_pct: 1.15 of a center crop pads"),
        ({"crop_pct": 0.9, "crop_mode": "border"}, "crop_pct: 0.9 of a border crop pads"),
        ({"crop_mode": "corner"}, "crop_mode: corner"),
        ({"interpolation": "random"}, "interpolation: 'random'"),
    ],
)
def test_what_is_not_understood_of_timm_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=f"timm/x: {reason}"):
        timm_processor(TIMM["resnet"] | change, "timm/x")


def test_a_folder_without_settings_or_with_damaged_ones_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "clip"}')
    with pytest.raises(ModelError, match=r"has none of preprocessor_config\.json, .* so its pixels are unknown"):
        read_processor(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text("{")
    with pytest.raises(ModelError, match=r"preprocessor_config\.json: cannot be read"):
        read_processor(tmp_path)
