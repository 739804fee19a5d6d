"""Image files to descriptors as a user of torch, torchvision and Pillow would write it; prints one JSON object.

Run by benchmarks/encoding.py: python torch_encoding.py FOLDER WEIGHTS OUT.npy --network NAME --size N
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Files(Dataset[Tensor]):
    """Image files, each opened with Pillow and transformed with torchvision."""

    def __init__(self, paths: list[Path], size: int) -> None:
        self.paths = paths
        self.transform = transforms.Compose(
            [
                transforms.Resize(size),
                transforms.CenterCrop(size),
                transforms.ToTensor(),
                transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        with Image.open(self.paths[index]) as picture:
            pixels: Tensor = self.transform(picture.convert("RGB"))
        return pixels


def build_model(network: str, weights: Path) -> nn.Module:
    """VGG16's convolutional part with average pooling, or ResNet-50 without its classifier."""
    model: nn.Module = timm.create_model(network, pretrained=False, num_classes=0)
    if network.startswith("vgg"):
        model = nn.Sequential(model.features, nn.AdaptiveAvgPool2d(1), nn.Flatten())  # type: ignore[arg-type]
        model[0].load_state_dict(load_file(weights))
    else:
        model.load_state_dict(load_file(weights))
    return model.eval()


@torch.inference_mode()
def encode(model: nn.Module, loader: DataLoader[Tensor]) -> Tensor:
    """Descriptors (N, D) of unit length."""
    return torch.cat([nn.functional.normalize(model(images)) for images in loader])


def main() -> None:
    """Encode a folder once and print images per second as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--network", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--batch-size", type=int, default=64)
    arguments = parser.parse_args()
    paths = sorted(arguments.folder.glob("*.jpg"))
    model = build_model(arguments.network, arguments.weights)

    def load(paths: list[Path]) -> DataLoader[Tensor]:
        return DataLoader(Files(paths, arguments.size), batch_size=arguments.batch_size, num_workers=arguments.workers)

    encode(model, load(paths[: arguments.batch_size]))  # the first batch pays for warming up
    started = time.perf_counter()
    descriptors = encode(model, load(paths))
    seconds = time.perf_counter() - started
    np.save(arguments.out, descriptors.numpy())
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    json.dump({"seconds": seconds, "images_per_second": len(paths) / seconds, "version": versions}, sys.stdout)


if __name__ == "__main__":
    main()
