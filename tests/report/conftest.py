"""A tiny ground truth: patches of two textures, and query pictures that show one of them in a box."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

SIDE = 48


def texture(name: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pixels (SIDE, SIDE, 3) of red stripes, blue dots or grey noise, each a little different."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    pixels = rng.integers(0, 30, (SIDE, SIDE, 3))
    if name == "stripes":
        pixels[..., 0] += rows // 3 % 2 * 200
    elif name == "dots":
        pixels[..., 2] += (rows // 6 + columns // 6) % 2 * 200
    else:
        pixels += rng.integers(0, 200, (SIDE, SIDE, 1))
    return pixels.astype(np.uint8)


@pytest.fixture(scope="session")
def landmarks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Images and their ground truth in two forms.

    `images` is a folder of `stripes_0` to `stripes_3`, `dots_0` to `dots_3`, `noise_0`, and the query image `both`, which has
    stripes on the left and dots on the right; `revisited` a file of two queries, a box of `both` each, with two easy images, a
    hard one, one of junk; `original` the same as a folder, where `both` is junk too.
    """
    root = tmp_path_factory.mktemp("landmarks")
    rng = np.random.default_rng(0)
    images = root / "images"
    images.mkdir()
    gallery = [f"{name}_{i}" for name, count in (("stripes", 4), ("dots", 4), ("noise", 1)) for i in range(count)]
    for name in gallery:
        Image.fromarray(texture(name.partition("_")[0], rng)).save(images / f"{name}.png")
    both = np.concatenate([texture("stripes", rng), texture("dots", rng)], axis=1)
    Image.fromarray(both).save(images / "both.png")
    boxes = {"stripes": (0, 0, SIDE, SIDE), "dots": (SIDE, 0, 2 * SIDE, SIDE)}
    lists = []
    original = root / "original"
    original.mkdir()
    for name, box in boxes.items():
        numbers = [gallery.index(f"{name}_{i}") for i in range(4)]
        lists.append({"bbx": box, "easy": numbers[:2], "hard": numbers[2:3], "junk": numbers[3:]})
        (original / f"{name}_query.txt").write_text(f"oxc1_both {' '.join(map(str, box))}\n")
        (original / f"{name}_good.txt").write_text(f"{name}_0\n{name}_1\n")
        (original / f"{name}_ok.txt").write_text(f"{name}_2\n")
        (original / f"{name}_junk.txt").write_text(f"{name}_3\nboth\n")
    revisited = root / "gnd.json"
    truth = {"imlist": gallery, "qimlist": ["both", "both"], "gnd": lists}
    revisited.write_text(json.dumps(truth), encoding="utf-8")
    return {"images": images, "revisited": revisited, "original": original}
