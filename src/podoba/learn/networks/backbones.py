"""Backbones by name: networks that turn images into features, ours, timm's and those of others, under one face.

Other distributions add networks by the entry points `podoba.backbones`: each names a function of no arguments that gives a
network as ours are (`SmallNetwork`): a `torch.nn.Module` from normalised images (B, 3, H, W) to features (B, F), float32, with
the attributes `default_input_size` (pixels), `mean` and `std` (of the three colours) and, where its stages are to learn one by
one, a method `stages()` that gives them as modules, shallow to deep.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.models import get_pretrained_cfg, group_parameters
from torch import Tensor, nn

from podoba.errors import ModelError, SettingsError, did_you_mean
from podoba.images.resize import PixelRule
from podoba.learn.accelerate.convolution import accelerate_convolutions
from podoba.learn.networks.lite_network import LiteNetwork
from podoba.learn.networks.published import published_weights
from podoba.learn.networks.small_networks import SMALL_NETWORKS
from podoba.models.bundled import BUNDLED
from podoba.models.names import open_model
from podoba.plugins import plugins
from podoba.runs.settings import BackboneSettings

GROUP = "podoba.backbones"
ALTERNATIVE = "set backbone.pretrained=PATH to a local weights file, or backbone.transfer=scratch"
OWN_NETWORKS: dict[str, Callable[[], nn.Module]] = {**SMALL_NETWORKS, "efficientnet-lite0": LiteNetwork}
# Names people use for the networks of the paper and its successors -> timm's.
ALIASES = {
    "inception-v3": "inception_v3",
    "resnet-18": "resnet18",
    "resnet-50": "resnet50",
    "efficientnet": "efficientnet_b0",
    "mobilenet-v3": "mobilenetv3_large_100",
    "vit": "vit_small_patch16_224",
    "dinov2": "vit_small_patch14_dinov2",
}


class Backbone(nn.Module):
    """A network from images to features.

    Attributes:
        name: as it was asked for.
        feature_dim: numbers in a feature vector.
        input_size: side in pixels the features were probed at.
        rule: how a picture becomes the pixels that its weights were learned from, at that side.
        fast_convolutions: whether on a CPU 3x3 convolutions are matrix products.
    """

    mean: Tensor
    std: Tensor
    fast_convolutions: bool

    def __init__(
        self,
        name: str,
        body: nn.Module,
        input_size: int,
        mean: Iterable[float],
        std: Iterable[float],
        *,
        fast_convolutions: bool = True,
        rule: PixelRule | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.body = body
        self.input_size = input_size
        self.rule = rule or PixelRule(input_size)
        self.register_buffer("mean", _of_colours(mean), persistent=False)
        self.register_buffer("std", _of_colours(std), persistent=False)
        self.fast_convolutions = fast_convolutions
        if fast_convolutions:
            accelerate_convolutions(body)
        self.feature_dim = self.check_size(input_size)

    def forward(self, images: Tensor) -> Tensor:
        """Features (B, feature_dim) of images (B, 3, H, W), float32 in [0, 1]."""
        features: Tensor = self.body((images - self.mean) / self.std)
        return features

    def stages(self) -> list[list[nn.Parameter]]:
        """The weights in groups, from those next to the image to the deepest; every weight stands in one group."""
        if hasattr(self.body, "stages") and callable(self.body.stages):
            groups = [list(stage.parameters()) for stage in self.body.stages()]
        elif isinstance(self.body, VggFeatures):
            groups = self.body.groups()
        elif hasattr(self.body, "group_matcher"):
            named = dict(self.body.named_parameters())
            matched = group_parameters(self.body, self.body.group_matcher(coarse=True))  # type: ignore[operator]
            groups = [[named[name] for name in matched[key] if name in named] for key in sorted(matched)]
        else:
            groups = [list(self.body.parameters())]
        groups = [group for group in groups if group]
        rest = {id(p) for p in self.parameters()} - {id(p) for group in groups for p in group}
        groups[0] = [*groups[0], *(p for p in self.parameters() if id(p) in rest)]
        return groups

    def check_size(self, size: int) -> int:
        """Numbers in a feature vector of images with this side in pixels.

        Raises:
            SettingsError: a side that the network does not take.
        """
        training = self.body.training
        self.eval()
        try:
            with torch.no_grad():
                features = self(torch.zeros(1, 3, size, size))
        except (RuntimeError, AssertionError, ValueError) as error:
            raise SettingsError(
                f"backbone {self.name!r} does not take images of {size} pixels "
                f"({' '.join(str(error).split())[:120]}): set a larger input_size, or a multiple of its patch size"
            ) from error
        self.train(training)
        if features.ndim != 2:
            raise SettingsError(
                f"backbone {self.name!r} gives features of shape {tuple(features.shape)}, not one vector an image"
            )
        return int(features.shape[1])


class VggFeatures(nn.Module):
    """The convolutional part of a VGG, pooled to one vector: 1x1x512 already at 32x32 pixels."""

    def __init__(self, features: nn.Sequential) -> None:
        super().__init__()
        self.features = features

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.features(images).mean((2, 3))
        return features

    def groups(self) -> list[list[nn.Parameter]]:
        """Weights by the five blocks that end in a max-pooling."""
        blocks: list[list[nn.Parameter]] = [[]]
        for layer in self.features:
            blocks[-1].extend(layer.parameters())
            if isinstance(layer, nn.MaxPool2d):
                blocks.append([])
        return [block for block in blocks if block]


def build_backbone(
    settings: BackboneSettings, input_size: int | None, alternative: str = ALTERNATIVE, *, projected: bool = False
) -> Backbone:
    """The backbone that settings name, with its weights loaded, at `input_size` (None: its own).

    Args:
        alternative: what to do instead where published weights cannot be fetched, after `or`.
        projected: a network of timm that was learned beside texts keeps its last layer (`has_projection`).

    Raises:
        SettingsError: unknown name (gives near ones), an input size it cannot take.
        DownloadError: published weights whose host cannot be reached.
        ModelError: weights that cannot be fetched or do not fit.
    """
    name, weights, rule = settings.name, settings.weights_file(), None
    published = settings.pretrained is True and settings.transfer != "scratch" and weights is None
    if name in BUNDLED:
        card = open_model(name, device="cpu").card
        name, input_size, rule = card.backbone, input_size or card.input_size, card.pixels
    own = OWN_NETWORKS.get(name) or plugins(GROUP).get(name)
    if own is not None:
        if published:
            raise SettingsError(f"{name!r} has no published weights: set backbone.transfer=scratch, or backbone.pretrained=PATH")
        backbone = _own_backbone(name, own, input_size, settings.fast_convolutions)
    else:
        backbone = _timm_backbone(name, published, input_size, settings.fast_convolutions, alternative, projected)
    if rule is not None:
        backbone.rule = rule.at(backbone.input_size)
    if weights is not None:
        load_weights(backbone, weights)
    return backbone


def has_weights(settings: BackboneSettings) -> bool:
    """Whether a training may start from pretrained weights, of a file or published ones."""
    if settings.transfer == "scratch" or settings.pretrained is False:
        return False
    return settings.weights_file() is not None or (settings.name not in OWN_NETWORKS and settings.name not in plugins(GROUP))


def known_backbones() -> list[str]:
    """Names that `backbone.name` takes: ours, those of other distributions, the aliases, then all of timm's."""
    return [*BUNDLED, *OWN_NETWORKS, *plugins(GROUP), *ALIASES, *timm.list_models()]


def timm_name(name: str) -> str:
    """A name as timm writes it."""
    return ALIASES.get(name, name.removeprefix("timm/"))


def has_projection(real: str) -> bool:
    """Whether the last layer of a published network of timm leads to where words and pictures meet, not to classes.

    timm says of both how many numbers come out: 512 or 1,024 of a projection, and of classes 1,000 or 21,841, never a multiple
    of 128.
    """
    try:
        settings = get_pretrained_cfg(real)
    except RuntimeError:  # no weights of this tag: said where they are loaded
        return False
    return settings is not None and settings.num_classes > 0 and settings.num_classes % 128 == 0


def load_weights(backbone: Backbone, path: Path) -> None:
    """Put the weights of a local file (`.safetensors`, or a torch file of tensors only) into a backbone.

    Takes our own `weights.safetensors` (of a whole network) as well as published weights of the bare network.

    Raises:
        ModelError: missing or damaged file, or weights of another network.
    """
    try:
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, EOFError, ValueError) as error:
        raise ModelError(f"{path}: no weights can be read here: name a .safetensors or tensors-only torch file") from error
    except Exception as error:  # torch raises pickle errors of several unrelated types
        raise ModelError(f"{path}: not a file of plain tensors ({type(error).__name__}); convert it to .safetensors") from error
    state = cast("dict[str, Tensor]", state.get("state_dict", state))
    wanted = backbone.state_dict()
    for prefix in ("backbone.", "body.", "", "body.features.", "module."):
        stripped = {
            ("body." + key.removeprefix(prefix) if prefix != "backbone." else key.removeprefix(prefix)): value
            for key, value in state.items()
            if key.startswith(prefix)
        }
        if wanted.keys() <= stripped.keys():
            break
    else:
        missing = sorted(wanted.keys() - {f"body.{key}" for key in state})
        raise ModelError(
            f"{path}: not weights of {backbone.name!r}: {len(missing)} of {len(wanted)} are missing, first {missing[0]!r}"
        )
    wrong = [key for key, value in wanted.items() if stripped[key].shape != value.shape]
    if wrong:
        raise ModelError(
            f"{path}: not weights of {backbone.name!r}: {wrong[0]} is {tuple(stripped[wrong[0]].shape)}, "
            f"the network has {tuple(wanted[wrong[0]].shape)}"
        )
    backbone.load_state_dict({key: stripped[key] for key in wanted})


def _of_colours(values: Iterable[float]) -> Tensor:
    """Of the three colours (1, 3, 1, 1); one number (1, 1, 1, 1) where they are equal.

    ONNX Runtime spends a quarter of the time of a light network in 8 bits on taking three numbers in turn, and none on one.
    """
    numbers = list(values)
    return torch.tensor(numbers if len(set(numbers)) > 1 else numbers[:1]).view(1, -1, 1, 1)


def _own_backbone(name: str, build: Callable[[], Any], input_size: int | None, fast_convolutions: bool) -> Backbone:
    body = build()
    missing = [key for key in ("default_input_size", "mean", "std") if not hasattr(body, key)]
    if missing or not isinstance(body, nn.Module):
        lacks = f"has no {missing[0]}" if missing else "is no torch.nn.Module"
        raise SettingsError(f"{GROUP}: what {name!r} builds {lacks}: update or uninstall its package")
    facts = cast("Any", body)
    size = input_size or facts.default_input_size
    return Backbone(name, body, size, facts.mean, facts.std, fast_convolutions=fast_convolutions)


def _timm_backbone(
    name: str, pretrained: bool, input_size: int | None, fast_convolutions: bool, alternative: str, projected: bool
) -> Backbone:
    real = timm_name(name)
    if not timm.is_model(real):
        hint = did_you_mean(name, known_backbones(), "see `podoba models list`", count=3)
        raise SettingsError(f"unknown backbone {name!r}: {hint}")
    options: dict[str, Any] = {"img_size": input_size} if input_size and _takes_size(real) else {}
    if not (projected and has_projection(real)):
        options["num_classes"] = 0
    if real.startswith("inception_v3"):
        options["aux_logits"] = False
    if _is_vgg(real) and not pretrained:
        options["mlp_ratio"] = 1 / 4096  # the dense layers behind are cut off: 100 million numbers need not be drawn
    if pretrained and (weights := published_weights(real, alternative)) is not None:
        options["pretrained_cfg_overlay"] = {"file": str(weights)}
    try:
        model = timm.create_model(real, pretrained=pretrained, **options)
    except Exception as error:
        if not pretrained:
            raise SettingsError(f"backbone {name!r} cannot be built: {' '.join(str(error).split())[:160]}") from error
        raise ModelError(
            f"the published weights of {name!r} cannot be fetched ({type(error).__name__}): check the network, or {alternative}"
        ) from error
    config = model.pretrained_cfg
    body: nn.Module = VggFeatures(model.features) if _is_vgg(real) else model
    size = input_size or config["input_size"][-1]
    return Backbone(name, body, size, config["mean"], config["std"], fast_convolutions=fast_convolutions)


def _is_vgg(name: str) -> bool:
    return bool(re.match(r"vgg\d+", name))


def _takes_size(name: str) -> bool:
    return bool(re.match(r"(vit|deit|eva|swin|beit|maxvit|coatnet|hiera|mixer|cait|xcit)", name))
