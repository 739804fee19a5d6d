"""How published repositories prepare pictures: their settings as a pixel rule and the numbers that their graphs take.

Understood are the image processors of transformers, the settings of open_clip (which Immich publishes too) and those of timm. A
setting that would change the pixels and is not understood is refused, never guessed at.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.errors import ModelError
from podoba.files import read_bounded
from podoba.images.resize import RESAMPLE, Fit, PixelRule, Resample

TRANSFORMERS = ("preprocessor_config.json", "processor_config.json")
OPEN_CLIP = ("preprocess_cfg.json", "visual/preprocess_cfg.json", "open_clip_config.json")
TIMM = "config.json"
FILES = (*TRANSFORMERS, *OPEN_CLIP, TIMM)  # in the order of search
LARGEST = 1 << 20  # bytes of such a file

Settings = Mapping[str, Any]
Colour = tuple[float, float, float]

NUMBERED: dict[int, Resample] = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}  # by Pillow
OPENAI = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALVES = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SHORTER = {"size": {"shortest_edge": 224}, "crop_size": 224, "do_center_crop": True, "bare": "shortest_edge"}
BOTH = {"size": {"height": 224, "width": 224}, "bare": "both"}
EVERY = {"do_resize": True, "do_rescale": True, "do_normalize": True, "rescale_factor": 1 / 255}
# What a file leaves out is as in the class that it names; `bare`: what a size that is one number means.
PROCESSORS: dict[str, dict[str, Any]] = {
    "CLIP": SHORTER | OPENAI | {"resample": 3},
    "ChineseCLIP": SHORTER | OPENAI | {"resample": 3},
    "Bit": SHORTER | OPENAI | {"resample": 3},  # DINOv2 and Hiera too
    "Levit": SHORTER | IMAGENET | {"resample": 3},
    "MobileNetV1": SHORTER | HALVES | {"resample": 2, "size": {"shortest_edge": 256}},
    "MobileNetV2": SHORTER | HALVES | {"resample": 2, "size": {"shortest_edge": 256}},
    "ConvNext": HALVES | {"resample": 3, "size": {"shortest_edge": 384}, "bare": "shortest_edge", "crop_pct": 224 / 256},
    "Siglip": BOTH | HALVES | {"resample": 3, "bare": "shortest_edge"},
    "ViT": BOTH | HALVES | {"resample": 2},
    "DeiT": BOTH | HALVES | {"resample": 3, "size": {"height": 256, "width": 256}, "crop_size": 224, "do_center_crop": True},
    "Beit": BOTH | HALVES | {"resample": 3, "crop_size": 224},
    "Blip": BOTH | OPENAI | {"resample": 3, "size": {"height": 384, "width": 384}},
    "Pvt": BOTH | IMAGENET | {"resample": 3},
    "DINOv3ViT": BOTH | IMAGENET | {"resample": 2},
    "EfficientNet": BOTH | HALVES | {"resample": 3, "size": {"height": 346, "width": 346}, "crop_size": 289, "include_top": True},
}
OF_NO_PIXEL = {  # say nothing about pixels
    "image_processor_type", "feature_extractor_type", "processor_class", "do_convert_rgb", "_valid_processor_keys", "data_format",
    "input_data_format", "return_tensors", "device", "disable_grouping", "default_to_square", "model_input_names",
    "image_seq_length", "num_channels", "image_size", "backend",
}  # fmt: skip
ENDINGS = ("ImageProcessorFast", "ImageProcessorPil", "ImageProcessor", "FeatureExtractor")


@dataclass(frozen=True)
class Processor:
    """What a graph is given of a picture.

    Attributes:
        rule: how it becomes a square of bytes.
        rescale: what a byte is multiplied by.
        mean, std: of the three colours: what is then taken off, and what it is divided by.
    """

    rule: PixelRule
    rescale: float
    mean: Colour
    std: Colour


def read_processor(folder: Path) -> Processor:
    """The processor of a repository's folder.

    Raises:
        ModelError: none is there, or one of its settings is not understood; says which.
    """
    for name in FILES:
        path = folder / name
        if not path.is_file():
            continue
        settings = _read(path)
        if name in TRANSFORMERS and "pretrained_cfg" not in settings:
            return _Reader(path, settings.get("image_processor", settings)).transformers()
        if name in OPEN_CLIP:
            return _Reader(path, _open_clip_settings(settings)).open_clip()
        if "pretrained_cfg" in settings:
            return timm_processor(settings["pretrained_cfg"], str(path))
    raise ModelError(f"{folder}: has none of {', '.join(FILES)}, so its pixels are unknown: fetch one of them beside the graph")


def timm_processor(settings: Settings, origin: str, size: int | None = None) -> Processor:
    """The processor of a `pretrained_cfg` of timm, as its `create_transform` prepares pictures for evaluation.

    Args:
        origin: whose settings they are, named in the error.
        size: in pixels, in place of the network's own.

    Raises:
        ModelError: a setting that is not understood.
    """
    return _Reader(origin, settings).timm(size)


def processor_settings(rule: PixelRule, origin: str) -> dict[str, Any]:
    """A pixel rule as the settings of transformers' processor for CLIP, which many programs read; floats of 0 to 1 come out.

    Of a centre that lies between two pixels, or of a crop to a fraction of a pixel, it says what comes next to it.

    Args:
        origin: what has the rule, named in the error.

    Raises:
        ModelError: a padded picture, of which these settings cannot tell.
    """
    if rule.fit == "pad":
        raise ModelError(f"{origin}: pads pictures, which the processors of other programs do not: export it as a model file")
    cut = rule.fit == "crop" or rule.shortest is not None
    number = next(number for number, name in NUMBERED.items() if name == rule.resample)
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"shortest_edge": rule.side} if rule.fit == "crop" else {"height": rule.side, "width": rule.side},
        "resample": number,
        "do_center_crop": cut,
        "crop_size": {"height": rule.size, "width": rule.size},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": False,
    }


def _read(path: Path) -> Settings:
    try:
        settings = json.loads(read_bounded(path, LARGEST))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error}): fetch it again") from error
    if not isinstance(settings, dict):
        raise ModelError(f"{path}: has no settings: fetch it again")
    return settings


def _open_clip_settings(settings: Settings) -> Settings:
    """Those of the pixels; the whole file of a model has the size of its network beside them."""
    if "preprocess_cfg" not in settings:
        return settings
    network = settings.get("model_cfg") or {}
    return {"size": (network.get("vision_cfg") or {}).get("image_size"), **settings["preprocess_cfg"]}


class _Reader:
    """Settings of one file, asked for one by one."""

    def __init__(self, origin: Path | str, settings: Any) -> None:
        self.origin = origin
        if not isinstance(settings, Mapping):
            raise ModelError(f"{origin}: has no settings: fetch it again")
        self.settings: dict[str, Any] = {key: value for key, value in settings.items() if value is not None}
        self.asked: set[str] = set()

    def transformers(self) -> Processor:
        """As transformers' processors that work with Pillow."""
        named = self.settings.get("image_processor_type", self.settings.get("feature_extractor_type", ""))
        family = next((str(named).removesuffix(ending) for ending in ENDINGS if str(named).endswith(ending)), "")
        if family not in PROCESSORS:
            raise self._refused("image_processor_type", f"{named or 'missing'}; understood are {', '.join(PROCESSORS)}")
        self.settings = EVERY | PROCESSORS[family] | self.settings
        bare = self._get("bare")
        if not self._get("do_resize"):
            raise self._refused("do_resize", "false: pictures of any size do not become a square")
        fit, side = self._fit(bare)
        size: int | None = self._side("crop_size") if self._get("do_center_crop", False) else None
        self.asked.add("crop_size")
        if family == "ConvNext":
            fit, side, size = self._convnext(fit, side, size)
        elif family == "Levit" and fit == "crop":
            side = int(256 / 224 * side)
        if size is None and fit == "crop":
            raise self._refused("size", "the shorter side alone, without a centre that is cut out, makes no square")
        if size is not None and size > side:
            raise self._refused("crop_size", f"{size} of {side} pixels would be padded")
        shortest = None if fit == "stretch" and size in (None, side) else side
        rule = PixelRule(size or side, fit, shortest, self._numbered(), exact=True)
        rescale = self._number("rescale_factor") if self._get("do_rescale") else 1.0
        mean, std = self._mean_and_std("image_mean", "image_std", needed=bool(self._get("do_normalize")))
        if self._get("rescale_offset", False):
            mean = _colour(one + 1 for one in mean)
        if self._get("include_top", False):  # divided once more; without do_normalize it is the only time
            std = _colour(one * two for one, two in zip(std, self._colour("image_std"), strict=True))
        self._refuse_others(OF_NO_PIXEL | {"rescale_factor", "image_mean", "image_std"})
        return Processor(rule, rescale, mean, std)

    def _convnext(self, fit: Fit, side: int, size: int | None) -> tuple[Fit, int, int]:
        share = self._number("crop_pct")
        if fit != "crop":
            raise self._refused("size", "both sides, where this processor knows the shorter one")
        if size not in (None, side):
            raise self._refused("crop_size", f"a second centre of {size} pixels")
        return ("crop", int(side / share), side) if side < 384 else ("stretch", side, side)

    def open_clip(self) -> Processor:
        """As open_clip prepares pictures for evaluation."""
        fit, size = self._fit("both")
        mode = self._get("resize_mode", "shortest")
        if fit != "stretch" or mode not in ("shortest", "squash"):
            raise self._refused("resize_mode", f"{mode}: pads the picture")
        if self._get("mode", "RGB") != "RGB":
            raise self._refused("mode", f"{self.settings['mode']}: other colours than RGB")
        shortest = size if mode == "shortest" else None
        kind: Fit = "crop" if mode == "shortest" else "stretch"
        how = self._named(self._get("interpolation", "bicubic"))
        rule = PixelRule(size, kind, shortest, how, "round" if shortest else "floor", exact=True)
        self.settings = {"mean": OPENAI["image_mean"], "std": OPENAI["image_std"]} | self.settings
        self._refuse_others({"fill_color", "mean", "std"})
        return Processor(rule, 1 / 255, *self._mean_and_std("mean", "std"))

    def timm(self, size: int | None) -> Processor:
        """As timm's `create_transform` of the settings that `resolve_data_config` finds."""
        shape = self._get("input_size", [3, 224, 224])
        if not isinstance(shape, list | tuple) or len(shape) != 3 or shape[0] != 3 or (size is None and shape[1] != shape[2]):
            raise self._refused("input_size", f"{shape} is no square of three colours")
        size = size or int(shape[2])
        self.settings = {"crop_pct": 0.875, "mean": IMAGENET["image_mean"], "std": IMAGENET["image_std"]} | self.settings
        share, mode, how = self._number("crop_pct"), self._get("crop_mode", "center"), self._get("interpolation", "bicubic")
        mean, std = self._mean_and_std("mean", "std")
        side = math.floor(size / share)
        if side < size or (mode == "border" and side != size):
            raise self._refused("crop_pct", f"{share} of a {mode} crop pads the picture")
        resample = self._named(how)
        if mode == "border":
            red, green, blue = (round(255 * one) for one in mean)
            rule = PixelRule(size, "pad", None, resample, exact=True, fill=(red, green, blue))
        elif mode in ("center", "squash"):
            shortest = None if mode == "squash" and side == size else side
            rule = PixelRule(size, "crop" if mode == "center" else "stretch", shortest, resample, "round", exact=True)
        else:
            raise self._refused("crop_mode", f"{mode}")
        return Processor(rule, 1 / 255, mean, std)

    def _get(self, key: str, otherwise: Any = None) -> Any:
        self.asked.add(key)
        return self.settings.get(key, otherwise)

    def _refuse_others(self, harmless: set[str]) -> None:
        """Refuse a setting that nobody asked for and that is switched on."""
        for key, value in self.settings.items():
            if key not in self.asked | harmless and value is not False:
                raise self._refused(key, f"{json.dumps(value)[:80]} is unknown, and may change the pixels")

    def _refused(self, key: str, why: str) -> ModelError:
        return ModelError(f"{self.origin}: {key}: {why}: not understood, choose another model")

    def _fit(self, bare: str) -> tuple[Fit, int]:
        """Whether both sides or the shorter one become so many pixels."""
        size = self._get("size")
        if isinstance(size, Mapping) and {key for key, value in size.items() if value is not None} == {"shortest_edge"}:
            return "crop", self._pixels("size", size["shortest_edge"])
        if isinstance(size, int) and bare == "shortest_edge":
            return "crop", self._pixels("size", size)
        return "stretch", self._side("size")

    def _side(self, key: str) -> int:
        """Of a square."""
        size = self._get(key)
        if isinstance(size, Mapping):
            size = [size.get("height"), size.get("width")] if {"height", "width"} == size.keys() else size
        if isinstance(size, list):
            if len(size) != 2 or size[0] != size[1]:
                raise self._refused(key, f"{json.dumps(self.settings[key])} is no square")
            size = size[0]
        return self._pixels(key, size)

    def _pixels(self, key: str, number: Any) -> int:
        if not isinstance(number, int) or number < 1:
            raise self._refused(key, f"{json.dumps(number)} is no number of pixels of both sides, or of the shorter one")
        return number

    def _numbered(self) -> Resample:
        number = self._get("resample")
        if number not in NUMBERED:
            raise self._refused("resample", f"{number!r} is none of Pillow's filters, 0 to 5")
        return NUMBERED[number]

    def _named(self, name: Any) -> Resample:
        found = next((one for one in RESAMPLE if one == name), None)
        if found is None:
            raise self._refused("interpolation", f"{name!r} is none of {', '.join(RESAMPLE)}")
        return found

    def _number(self, key: str) -> float:
        number = self._get(key)
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
            raise self._refused(key, f"{json.dumps(number)} is no number above 0")
        return float(number)

    def _mean_and_std(self, mean: str, std: str, *, needed: bool = True) -> tuple[Colour, Colour]:
        return (self._colour(mean), self._colour(std)) if needed else ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

    def _colour(self, key: str) -> Colour:
        numbers = self._get(key)
        three = numbers if isinstance(numbers, list | tuple) else [numbers] * 3
        if len(three) != 3 or any(isinstance(one, bool) or not isinstance(one, int | float) for one in three):
            raise self._refused(key, f"{json.dumps(numbers)} is no number of each of three colours")
        if "std" in key and not all(three):
            raise self._refused(key, "nothing can be divided by 0")
        return _colour(three)


def _colour(numbers: Any) -> Colour:
    red, green, blue = (float(one) for one in numbers)
    return red, green, blue
