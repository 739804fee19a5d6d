"""Which input size and which maps of the published network describe best what is not reported on, as a table.

python -m recipes.photo.choose --data runs/small-data --out runs/photo \\
    --choose-on food101-64-train.parquet grocery-train.parquet grocery-val.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from podoba.images.resize import PixelRule, resize
from podoba.images.sources.open import open_source
from podoba.learn.data.pixels import open_pixels
from podoba.learn.export.model_file import trace
from podoba.learn.networks.network import to_unit
from podoba.models.sessions import session_of
from recipes.photo.published import published_network
from recipes.small.descriptor import Floats, Names, apply, transfer_score, unit, whitening

SAMPLE = 6_000  # images that means and principal components are taken from
JUDGED = 4_000  # images of each source that judges
REDUCED = 32  # pixels of small pictures
POWERS = (0.25, 0.5, 0.75)
BATCH = 32
LAYERS = {
    "stages 5 to 7": slice(160, 784),
    "stages 6 and 7": slice(272, 784),
    "stage 7, 320 maps": slice(464, 784),
    "the convolution behind it, 1,280 maps": slice(784, 2064),
    "both": slice(464, 2064),
}


class Pooled(nn.Module):
    """Means of the maps of every stage of the published network and of the convolution behind, (B, 2064), of uint8 images."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        network = self.network
        maps = network.bn1(network.conv_stem((to_unit(images) - 0.5) / 0.5))
        pooled = []
        for stage in network.blocks:
            maps = stage(maps)
            pooled.append(maps.mean((2, 3)))
        return torch.cat([*pooled, network.bn2(network.conv_head(maps)).mean((2, 3))], dim=1)


def main() -> None:
    """Print the KNN score, each image against the others, of every size, layer and way to take its numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that recipes/small/prepare.py wrote")
    parser.add_argument("--choose-on", nargs="*", default=[], metavar="SOURCE", help="images of other kinds that judge too")
    parser.add_argument("--out", type=Path, default=Path("runs/photo"), help="folder for what is fetched")
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 144, 160, 192, 224])
    arguments = parser.parse_args()
    network = published_network(arguments.out)
    unseen = str(arguments.data / "unseen.parquet")
    sources = {"held-out classes": (unseen, None), f"reduced to {REDUCED} pixels": (unseen, REDUCED)}
    sources |= {Path(spec).stem: (spec, None) for spec in arguments.choose_on}
    print(f"| pixels | layer | numbers | {' | '.join(sources)} | mean |\n|---|---|---|{'---|' * (len(sources) + 1)}")
    for size in arguments.sizes:
        example = torch.zeros(2, size, size, 3, dtype=torch.uint8)
        describe = session_of(trace(Pooled(network), example, "images", "features").SerializeToString(), None)
        seen, _ = described(describe, size, str(arguments.data / "seen.parquet"), SAMPLE)
        judges = [described(describe, size, spec, JUDGED, reduced) for spec, reduced in sources.values()]
        for layer, place in LAYERS.items():
            taken = seen[:, place]
            maps: dict[str, nn.Linear | Floats | None] = {"as they are": None, "less their mean": -taken.mean(0)}
            maps |= {f"less their mean, whitened by the power {p:g}": whitening(taken, taken.shape[1], p) for p in POWERS}
            for name, change in maps.items():
                changed = [_changed(found[:, place], change) for found, _ in judges]
                scores = [transfer_score(unit(found), labels) for found, (_, labels) in zip(changed, judges, strict=True)]
                row = " | ".join(f"{score:.4f}" for score in [*scores, float(np.mean(scores))])
                print(f"| {size} | {layer} | {name} | {row} |", flush=True)


def _changed(found: Floats, change: nn.Linear | Floats | None) -> Floats:
    if isinstance(change, nn.Linear):
        return apply(change, found)
    return found if change is None else found + change


def described(session: Any, size: int, spec: str, limit: int, reduced: int | None = None) -> tuple[Floats, Names]:
    """Numbers of all layers (N, 2064) and class names of at most `limit` images of a source, at equal distances.

    Args:
        reduced: pixels that the images are brought down to before, as if there were no more of them.
    """
    store = open_pixels(open_source(spec), PixelRule(reduced or size, "crop"))
    rows = np.linspace(0, len(store) - 1, min(limit, len(store))).astype(np.int64)
    parts = []
    for start in range(0, len(rows), BATCH):
        pixels = store.images[rows[start : start + BATCH]]
        if reduced is not None:
            pixels = np.stack([np.asarray(resize(Image.fromarray(image), PixelRule(size, "crop"))) for image in pixels])
        parts.append(session.run(None, {"images": pixels})[0])
    return cast("Floats", np.concatenate(parts)), np.array([str(store.labels[row]) for row in rows])


if __name__ == "__main__":
    main()
