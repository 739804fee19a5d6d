"""Measure a bundled model: every number of its page in docs/explanation that its recipe or a `podoba` command does not print.

python -m recipes.judge small top1 'tiny-imagenet-train-*.parquet' tiny-imagenet-val.parquet
python -m recipes.judge photo baselines cifar10-train.parquet cifar10-test.parquet
python -m recipes.judge photo resize flowers-train.parquet flowers-val.parquet
python -m recipes.judge photo robustness flowers-val.parquet
python -m recipes.judge photo quantized cifar10-train.parquet cifar10-test.parquet
python -m recipes.judge photo speed small
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from safetensors.torch import load_file
from skimage.feature import hog

from podoba.images.decode import decode
from podoba.images.resize import Fit, PixelRule
from podoba.images.resize import resize as squared
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import PixelStore, open_pixels
from podoba.learn.export.model_file import export_onnx
from podoba.learn.export.quantize import quantize, sample
from podoba.learn.networks.backbones import build_backbone
from podoba.metrics.evaluation import evaluate
from podoba.models.bundled import BUNDLED, bundled_folder
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.ranking.exact import nearest
from podoba.runs.settings import BackboneSettings
from recipes.small.descriptor import Descriptor

LEARNED_AT = {"small": 64}  # pixels of the images that a network learned from, where that is not its input size
HOG_AT = 64  # pixels, for colours and edges
ROUNDS = 7  # of timing, in turns
Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Describe = Callable[[Pixels], Floats]


def main() -> None:
    """Run one measurement and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=BUNDLED)
    parser.add_argument("what", choices=sorted(MEASUREMENTS))
    parser.add_argument("sources", nargs="*", help="training images, then test images; of speed: models to measure beside it")
    arguments = parser.parse_args()
    MEASUREMENTS[arguments.what](arguments.model, *arguments.sources)


def top1(model: str, train: str, test: str) -> None:
    """Accuracy of a linear classifier on the frozen backbone's features, over all classes, at the size of these images."""
    backbone = build_backbone(BackboneSettings(name=model), _learned_at(model)).eval()
    rule = replace(open_model(model).card.pixels, size=backbone.input_size)
    stores = [open_pixels(open_source(spec), rule) for spec in (train, test)]
    describe = _batches(lambda pixels: backbone(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255).numpy())
    (features, labels), (queries, truth) = ((describe(np.asarray(store.images)), np.array(store.labels)) for store in stores)
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    classes, numbers = np.unique(labels, return_inverse=True)
    torch.manual_seed(0)
    layer = torch.nn.Linear(features.shape[1], len(classes))
    inputs, targets = torch.from_numpy((features - mean) / deviation), torch.from_numpy(numbers)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=3e-3, weight_decay=1e-2, fused=True)
    steps = [rows for _ in range(20) for rows in torch.randperm(len(inputs)).split(1024)]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(steps))
    for rows in steps:
        loss = torch.nn.functional.cross_entropy(layer(inputs[rows]), targets[rows], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.inference_mode():
        predicted = classes[layer(torch.from_numpy((queries - mean) / deviation)).argmax(1).numpy()]
    print(f"top-1 of a linear classifier: {(predicted == truth).mean():.4f} ({len(truth)} images, {len(classes)} classes)")


def baselines(model: str, train: str, test: str) -> None:
    """KNN score with the whole training split as gallery, beside descriptors that learned nothing."""
    encoder, untrained = open_model(model), _untrained(model)
    rule = encoder.card.pixels
    print("| descriptor | KNN score | 95% interval | MAP@R |\n|---|---|---|---|")
    for name, describe, side in (
        ("colour histogram + HOG", _classical, HOG_AT),
        ("the same network, random weights", untrained.encode, untrained.card.input_size),
        (model, encoder.encode, rule.size),
    ):
        gallery, queries = (open_pixels(open_source(spec), replace(rule, size=side)) for spec in (train, test))
        score, low, high, map_at_r = _knn(describe, gallery, queries)
        print(f"| {name} | {score:.4f} | {low:.4f} to {high:.4f} | {map_at_r:.4f} |", flush=True)


def _learned_at(model: str) -> int:
    return LEARNED_AT.get(model, open_model(model).card.input_size)


def _untrained(model: str) -> Encoder:
    """A model's network before it learned anything: its features are the descriptors."""
    card, size = open_model(model).card, _learned_at(model)
    torch.manual_seed(0)
    network = build_backbone(BackboneSettings(name=card.backbone, pretrained=False, transfer="scratch"), size)
    facts = {"dim": network.feature_dim, "input_size": size, "precision": "float32", "calibration": None}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "untrained.onnx"
        export_onnx(network, card.model_copy(update=facts), path)
        return Encoder(path)


def resize(model: str, train: str, test: str) -> None:
    """KNN score by the rule that makes an image square."""
    encoder = open_model(model)
    rules: tuple[Fit, ...] = ("stretch", "crop", "pad")
    print("| rule | KNN score | 95% interval |\n|---|---|---|")
    for fit in rules:
        gallery, queries = (open_pixels(open_source(spec), PixelRule(encoder.card.input_size, fit)) for spec in (train, test))
        score, low, high, _ = _knn(encoder.encode, gallery, queries)
        print(f"| {fit} | {score:.4f} | {low:.4f} to {high:.4f} |", flush=True)


def robustness(model: str, spec: str) -> None:
    """How near a changed picture stays, and how often the picture itself is the first that a search by it finds."""
    encoder = open_model(model)
    pictures = _pictures(open_source(spec))
    originals = encoder.encode(_square(pictures, encoder.card))
    others = originals @ originals.T
    np.fill_diagonal(others, -1)
    print(f"nearest other picture: similarity {np.median(others.max(1)):.3f} (median of {len(pictures)})")
    print("| change | similarity, median | 5th percentile | found first |\n|---|---|---|---|")
    for name, change in CHANGES.items():
        changed = encoder.encode(_square([change(picture) for picture in pictures], encoder.card))
        similar = (changed * originals).sum(1)
        first = (nearest(changed, originals, 1).indices[:, 0] == np.arange(len(pictures))).mean()
        print(f"| {name} | {np.median(similar):.3f} | {np.percentile(similar, 5):.3f} | {first:.1%} |", flush=True)


def quantized(model: str, train: str, test: str) -> None:
    """The shipped model, and the same in 7 and 8 bits of weights, against float32: descriptors, neighbours, KNN score, speed."""
    card = open_model(model).card
    gallery, queries = (open_pixels(open_source(spec), card.pixels) for spec in (train, test))
    with tempfile.TemporaryDirectory() as folder:
        plain, *lighter = (Path(folder) / f"{name}.onnx" for name in ("float32", "7", "8"))
        _single_precision(model, plain)
        for path in lighter:
            quantize(plain, sample(open_source(train), card), path, all_bits=path.stem == "8")
        files = dict(zip(("float32", "7 bits", "8 bits"), (plain, *lighter), strict=True))
        files["shipped"] = bundled_folder(model) / "model.onnx"
        encoders = {name: Encoder(path, 1, device="cpu") for name, path in files.items()}
        rates = _speeds(encoders)
        print("| weights | KNN score | MAP@R | cosine to float32 | of the 10 nearest in common | images/s | bytes |")
        print(f"|---|{'---|' * 6}")
        descriptors, near = [], []
        for name, encoder in encoders.items():
            described = [encoder.encode(store.images) for store in (queries, gallery)]
            result = evaluate(described[0], queries.labels, described[1], gallery.labels)
            descriptors.append(described[0])
            near.append(result.neighbours.indices[:, :10])
            cosine = (descriptors[0] * descriptors[-1]).sum(1).mean()
            common = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(near[0], near[-1], strict=True)])
            scores = f"{result.knn_score:.4f} | {result.metrics['map@r']:.4f} | {cosine:.4f} | {common:.3f}"
            print(f"| {name} | {scores} | {rates[name]:.0f} | {files[name].stat().st_size} |", flush=True)


def speed(*models: str) -> None:
    """Images per second of the networks alone, each at its own input size, in turns."""
    for threads in (1, 2):
        rates = _speeds({model: Encoder(bundled_folder(model) / "model.onnx", threads, device="cpu") for model in models})
        print(f"{threads} threads: {', '.join(f'{model} {rate:.0f} images/s' for model, rate in rates.items())}", flush=True)


def _speeds(encoders: dict[str, Encoder], count: int = 256) -> dict[str, float]:
    """The best of some rounds in which all take their turns."""
    best = dict.fromkeys(encoders, 0.0)
    rng = np.random.default_rng(0)
    for round_ in range(ROUNDS + 1):
        for name, encoder in encoders.items():
            size = encoder.card.input_size
            images = rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8)
            started = time.perf_counter()
            encoder.encode(images)
            if round_:  # the first only warms up
                best[name] = max(best[name], count / (time.perf_counter() - started))
    return best


def _single_precision(model: str, target: Path) -> None:
    """The bundled weights as a model that computes in float32."""
    card = open_model(model).card
    network: torch.nn.Module = build_backbone(BackboneSettings(name=model), card.input_size)
    state = load_file(bundled_folder(model) / "weights.safetensors")
    if "projection.weight" in state:
        projection = torch.nn.Linear(*state["projection.weight"].shape[::-1])
        projection.load_state_dict({key: state[f"projection.{key}"].float() for key in ("weight", "bias")})
        network = Descriptor(network, projection, roots=bool(state["roots"]))
    export_onnx(network, card.model_copy(update={"precision": "float32"}), target, half=True)


def _knn(describe: Describe, gallery: PixelStore, queries: PixelStore) -> tuple[float, float, float, float]:
    """KNN score, its interval, and MAP@R."""
    result = evaluate(describe(np.asarray(queries.images)), queries.labels, describe(np.asarray(gallery.images)), gallery.labels)
    low, high = result.intervals["knn_score"]
    return result.knn_score or 0.0, low, high, result.metrics["map@r"] or 0.0


def _batches(network: Callable[[Pixels], Floats]) -> Describe:
    """Unit vectors of a network's features, batch by batch."""

    def describe(images: Pixels) -> Floats:
        with torch.inference_mode():
            parts = [network(images[start : start + 256]) for start in range(0, len(images), 256)]
        return _unit(np.concatenate(parts))

    return describe


def _classical(images: Pixels) -> Floats:
    """Histogram of 8x8x8 colours (square roots) and HOG (Dalal and Triggs, 2005) on the grey image, each of length 1."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return _unit(np.stack(list(pool.map(_colours_and_edges, images, chunksize=256))).astype(np.float32))


def _colours_and_edges(image: Pixels) -> Floats:
    bins = (image // 32).astype(np.int64).reshape(-1, 3) @ np.array([64, 8, 1])
    colours = np.sqrt(np.bincount(bins, minlength=512))
    edges = hog(image.mean(2), orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2))
    return np.concatenate([_unit(colours[None])[0], _unit(edges[None])[0]])


def _unit(vectors: NDArray[np.floating]) -> Floats:
    units: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)).astype(np.float32)
    return units


def _pictures(source: ImageSource, count: int = 500) -> list[Image.Image]:
    rows = np.linspace(0, len(source) - 1, min(count, len(source))).astype(np.int64)
    return [decode(source.records[row].open(), source.records[row].uri) for row in rows]


def _square(pictures: list[Image.Image], card: Card) -> Pixels:
    return np.stack([np.asarray(squared(picture, card.pixels)) for picture in pictures])


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _scaled(picture: Image.Image, share: float) -> Image.Image:
    return picture.resize((max(1, round(picture.width * share)), max(1, round(picture.height * share))), Image.Resampling.LANCZOS)


def _cropped(picture: Image.Image, share: float) -> Image.Image:
    rim = ((1 - share) * picture.width / 2, (1 - share) * picture.height / 2)
    return picture.crop((round(rim[0]), round(rim[1]), round(picture.width - rim[0]), round(picture.height - rim[1])))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 75": lambda p: _jpeg(p, 75),
    "JPEG, quality 30": lambda p: _jpeg(p, 30),
    "half the size": lambda p: _scaled(p, 0.5),
    "a quarter of the size": lambda p: _scaled(p, 0.25),
    "twice the size": lambda p: _scaled(p, 2.0),
    "the middle 90% of each side": lambda p: _cropped(p, 0.9),
    "the middle 75% of each side": lambda p: _cropped(p, 0.75),
    "mirrored": ImageOps.mirror,
    "turned by 90 degrees": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "darker by a third": lambda p: p.point(lambda value: value * 2 // 3),
    "grey": lambda p: p.convert("L").convert("RGB"),
}
MEASUREMENTS: dict[str, Callable[..., None]] = {
    "top1": top1,
    "baselines": baselines,
    "resize": resize,
    "robustness": robustness,
    "quantized": quantized,
    "speed": speed,
}


if __name__ == "__main__":
    main()
