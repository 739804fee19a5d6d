"""imagededup as its documentation uses it, on a folder; prints one JSON object.

Run by benchmarks/duplicates.py: python imagededup_runner.py METHOD FOLDER OUT.json

Without the published weights of MobileNetV3 (torchvision's hub may be out of reach) the network has random ones: its time is
then that of the real one, and what it finds says nothing. `cnn-small` is the same method with podoba's bundled model as
its `CustomModel`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from imagededup.methods import CNN, AHash, DHash, PHash, WHash
from imagededup.utils import CustomModel
from imagededup.utils.models import MobilenetV3
from torchvision import models

HASHES = {"phash": PHash, "dhash": DHash, "whash": WHash, "ahash": AHash}
STARTER_SIDE = 80  # pixels of what the bundled model sees
DISTANCES = range(0, 21, 2)
SIMILARITIES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
Pairs = list[list[str]]


class Bundled(torch.nn.Module):
    """podoba's bundled model as a module of torch, by ONNX Runtime; float tensors hold levels of 255."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        import onnxruntime

        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Descriptors (n, 256) of images (n, 3, 80, 80)."""
        pixels = images.permute(0, 2, 3, 1).round().to(torch.uint8).numpy()
        return torch.from_numpy(self.session.run(None, {"images": pixels})[0])


def main() -> None:
    """Encode, find with the default threshold on the clock; then, off it, with others too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=[*HASHES, "cnn", "cnn-small"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", type=Path, help="of torchvision's mobilenet_v3_small, a state dict")
    parser.add_argument("--small", type=Path, help="podoba's bundled model.onnx")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    workers = len(os.sched_getaffinity(0))
    engine, threshold, trained = _engine(arguments.method, arguments.weights, arguments.small)
    started = time.perf_counter()
    encodings = engine.encode_images(image_dir=str(arguments.folder), num_enc_workers=workers)
    encoded = time.perf_counter() - started
    found = engine.find_duplicates(encoding_map=encodings, **threshold)
    seconds = time.perf_counter() - started
    pairs = {"default": _once(found)} | ({} if not trained else _sweep(arguments.method, engine, encodings))
    arguments.out.write_text(json.dumps(pairs), encoding="utf-8")
    facts = {"seconds": seconds, "encode": encoded, "trained": trained, "version": f"imagededup {version('imagededup')}"}
    sys.stdout.write(json.dumps(facts) + "\n")


def _engine(method: str, weights: Path | None, small: Path | None) -> tuple[Any, dict[str, float | int], bool]:
    if method in HASHES:
        return HASHES[method](verbose=False), {"max_distance_threshold": 10}, True
    if method == "cnn-small":
        assert small is not None
        config = CustomModel(name="podoba-small", model=Bundled(small), transform=_to_levels)
        return CNN(verbose=False, model_config=config), {"min_similarity_threshold": 0.9}, True
    original: Callable[..., Any] = models.mobilenet_v3_small

    def local(*_: object, **__: object) -> Any:
        network = original(weights=None)
        if weights is not None:
            network.load_state_dict(torch.load(weights, weights_only=True))
        return network

    models.mobilenet_v3_small = local
    config = CustomModel(name=MobilenetV3.name, model=MobilenetV3(), transform=MobilenetV3.transform)
    return CNN(verbose=False, model_config=config), {"min_similarity_threshold": 0.9}, weights is not None


def _to_levels(picture: Any) -> torch.Tensor:
    """Pixels as the small model wants them: the centre cut to a square."""
    from PIL import Image, ImageOps

    square = ImageOps.fit(picture.convert("RGB"), (STARTER_SIDE, STARTER_SIDE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1).float()


def _once(found: dict[str, Any]) -> Pairs:
    return sorted({tuple(sorted((name, other))) for name, others in found.items() for other in others})  # type: ignore[misc]


def _sweep(method: str, engine: Any, encodings: dict[str, Any]) -> dict[str, Pairs]:
    names = list(encodings)
    if method in HASHES:
        found = engine.find_duplicates(encoding_map=encodings, max_distance_threshold=max(DISTANCES), scores=True)
        scored = {tuple(sorted((name, other))): score for name, others in found.items() for other, score in others}
        return {str(most): [list(pair) for pair, score in scored.items() if score <= most] for most in DISTANCES}
    features = np.stack([encodings[name] for name in names]).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(names), 500):
        block = features[start : start + 500] @ features.T
        for row, other in np.argwhere(block >= min(SIMILARITIES)):
            if row + start < other:
                pairs.append((int(row) + start, int(other), float(block[row, other])))
    return {str(least): [[names[a], names[b]] for a, b, score in pairs if score >= least] for least in SIMILARITIES}


if __name__ == "__main__":
    main()
