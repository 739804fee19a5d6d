"""Teach the published network to describe a picture that lost something as it describes the picture itself.

python -m recipes.photo.tune --data runs/small-data --out runs/photo

Its own descriptors of Tiny ImageNet's pictures are what it learns to give to cropped, reduced, darkened, mirrored and grey copies
of them (distillation: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, with itself as it was for a teacher),
and the classes a little. The first stages, where most of the time goes, stay as they are, and so do the statistics of the batch
normalisation, which is folded into the convolutions while they learn.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.learn.data.feature_extractor import Engine, extractor
from podoba.learn.data.pixels import open_pixels
from podoba.learn.networks.backbones import Backbone
from podoba.learn.networks.lite_network import LiteNetwork
from podoba.learn.networks.network import to_unit
from recipes.photo.published import published_backbone

SIDE = 64  # of the pictures
SIZE = 160  # at which the descriptors are taken that are learned


@dataclass(frozen=True)
class TuneSettings:
    """How it learns; the first trial's values, which were not searched for.

    Attributes:
        images: that it learns from, at equal distances.
        steps, batch: of the training.
        first: of the network's parts, the first that learns.
        sizes: sides that the copies are enlarged to, one a batch.
        lr: of AdamW at its highest; the class centres learn three times as fast.
        rise: share of the steps in which the rate rises; then it falls as a cosine.
        classes: weight of the cross-entropy over the classes beside the distance to the descriptors.
        scale, smoothing: of the cross-entropy.
        crop, least: share of the copies that are cropped, and least area that is left.
        grey, dark, reduced: share of the copies that are grey, of another brightness, or brought down to fewer pixels.
        fewest, most: pixels that they are brought down to.
    """

    images: int = 16_000
    steps: int = 305
    batch: int = 48
    first: int = 4
    sizes: tuple[int, ...] = (128, 160)
    lr: float = 2e-4
    rise: float = 0.05
    classes: float = 0.1
    scale: float = 16.0
    smoothing: float = 0.1
    crop: float = 0.6
    least: float = 0.55
    grey: float = 0.15
    dark: float = 0.2
    reduced: float = 0.5
    fewest: int = 24
    most: int = 48


def main() -> None:
    """Learn, and write the weights of the whole network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that recipes/small/prepare.py wrote")
    parser.add_argument("--out", type=Path, default=Path("runs/photo"), help="folder for what is fetched, and tuned.safetensors")
    arguments = parser.parse_args()
    settings = TuneSettings()
    torch.manual_seed(0)
    backbone = published_backbone(arguments.out, SIZE)
    source = open_source(str(arguments.data / "seen.parquet"))
    store = open_pixels(source, PixelRule(SIDE, "crop"))
    rows = np.linspace(0, len(store) - 1, settings.images).astype(np.int64)
    _, classes = np.unique([str(store.labels[row]) for row in rows], return_inverse=True)
    aims = arguments.out / "aims.npy"  # minutes: kept for another run
    if not aims.exists():
        np.save(aims, described(backbone, open_pixels(source, PixelRule(SIZE, "crop")).images, rows))
    tune(backbone, torch.from_numpy(store.images[rows]), torch.from_numpy(np.load(aims)), torch.from_numpy(classes), settings)
    save_file({key: value.contiguous() for key, value in backbone.body.state_dict().items()}, arguments.out / "tuned.safetensors")


def described(backbone: Backbone, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Features (N, 320) of some rows of images."""
    extract = extractor(backbone, Engine("onnxruntime", "cpu", fast_convolutions=False))
    starts = range(0, len(rows), 32)
    return np.concatenate([extract(to_unit(torch.from_numpy(images[rows[start : start + 32]]))) for start in starts])


def tune(backbone: Backbone, pictures: Tensor, aims: Tensor, classes: Tensor, settings: TuneSettings) -> None:
    """Change the weights of a backbone in place.

    Args:
        pictures: uint8 (N, 64, 64, 3).
        aims: features (N, 320) that are to be given to copies of them.
        classes: int (N,).
    """
    network = backbone.body
    assert isinstance(network, LiteNetwork)
    mean = aims.mean(0)
    aims = functional.normalize(aims - mean)
    centres = torch.stack([aims[classes == label].mean(0) for label in range(int(classes.max()) + 1)])
    centres = nn.Parameter(functional.normalize(centres))
    folded = [Folded(convolution, norm) for convolution, norm in pairs(network)]
    backbone.to(memory_format=torch.channels_last).requires_grad_(False)
    first, later = network.parts[: settings.first], network.parts[settings.first :]
    learned = [p for part in later for layer in part.modules() if isinstance(layer, nn.Conv2d) for p in layer.parameters()]
    for parameter in learned:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW([{"params": learned}, {"params": [centres]}], lr=settings.lr, weight_decay=0)
    rng = np.random.default_rng(0)
    started = time.perf_counter()
    for step in range(settings.steps):
        done = (step + 1) / settings.steps
        rate = settings.lr * min(1.0, done / settings.rise) * 0.5 * (1 + math.cos(math.pi * done))
        for group, factor in zip(optimizer.param_groups, (1, 3), strict=True):
            group["lr"] = rate * factor
        rows = torch.from_numpy(rng.integers(0, len(pictures), settings.batch))
        size = int(rng.choice(settings.sizes))
        maps = (torch.cat([copied(pictures[row], size, rng, settings) for row in rows]) - backbone.mean) / backbone.std
        maps = maps.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            for part in first:
                maps = part(maps)
        for part in later:
            maps = part(maps)
        given = functional.normalize(maps.mean((2, 3)) - mean)
        distance = (1 - (given * aims[rows]).sum(1)).mean()
        similar = settings.scale * given @ functional.normalize(centres).T
        entropy = functional.cross_entropy(similar, classes[rows], label_smoothing=settings.smoothing)
        optimizer.zero_grad()
        (distance + settings.classes * entropy).backward()
        optimizer.step()
        if step % 20 == 19:
            seconds = time.perf_counter() - started
            print(f"step {step + 1}: distance {distance:.4f}, cross-entropy {entropy:.3f}, {seconds:.0f} s", flush=True)
    for fold in folded:
        fold.undo()
    backbone.requires_grad_(True)


def copied(picture: Tensor, size: int, rng: np.random.Generator, settings: TuneSettings) -> Tensor:
    """A copy (1, 3, size, size), float32 in [0, 1], of a picture uint8 (64, 64, 3), that lost something."""
    image = picture.permute(2, 0, 1).float() / 255
    if rng.random() < settings.crop:
        side = max(settings.fewest, int(SIDE * rng.uniform(settings.least, 1) ** 0.5))
        top, left = rng.integers(0, SIDE - side + 1, 2)
        image = image[:, top : top + side, left : left + side]
    if rng.random() < 0.5:
        image = image.flip(2)
    if rng.random() < settings.grey:
        image = image.mean(0, keepdim=True).expand(3, -1, -1)
    if rng.random() < settings.dark:
        image = (image * rng.uniform(0.6, 1.3)).clamp(0, 1)
    batch = image[None]
    if rng.random() < settings.reduced:
        side = int(rng.integers(settings.fewest, settings.most + 1))
        batch = functional.interpolate(batch, size=(side, side), mode="bicubic", antialias=True).clamp(0, 1)
    return functional.interpolate(batch, size=(size, size), mode="bicubic").clamp(0, 1)


def pairs(network: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Every convolution with the normalisation behind it, in the order of computation."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    found = []
    for convolution, norm in zip(layers[::2], layers[1::2], strict=True):
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        found.append((convolution, norm))
    return found


class Folded:
    """A convolution that computes its batch normalisation, by its running statistics, too; which does nothing meanwhile."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        self.convolution, self.norm = convolution, norm
        assert norm.running_mean is not None
        assert norm.running_var is not None
        self.factor = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
        convolution.weight = nn.Parameter((convolution.weight * self.factor[:, None, None, None]).detach())
        convolution.bias = nn.Parameter((norm.bias - norm.running_mean * self.factor).detach())
        self.norm.forward = norm.act.forward  # type: ignore[method-assign, union-attr]

    def undo(self) -> None:
        """Give back to both what is theirs: the statistics stay, the learned kernel and shift are divided between them."""
        convolution, norm = self.convolution, self.norm
        assert convolution.bias is not None
        assert norm.running_mean is not None
        del norm.forward
        with torch.no_grad():
            norm.bias.copy_(convolution.bias + norm.running_mean * self.factor)
            convolution.weight.copy_(convolution.weight / self.factor[:, None, None, None])
        convolution.bias = None


if __name__ == "__main__":
    main()
