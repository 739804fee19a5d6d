"""podoba's side of the encoding benchmark: a folder through `podoba.encode_images`; prints one JSON object.

Run by benchmarks/encoding.py: python podoba_encoding.py FOLDER MODEL.onnx OUT.npy
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_images

BATCH = 64


def main() -> None:
    """Encode a folder once and print images per second, of the whole way and of the network alone, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    encoder = Encoder(arguments.model)
    records = sorted(open_source(arguments.folder).records, key=lambda record: record.uri)
    list(encode_images(records[: 4 * BATCH], encoder))  # the first batches pay for opening a session a thread and for warming up
    started = time.perf_counter()
    descriptors = np.concatenate([batch for _, batch in encode_images(records, encoder)])
    seconds = time.perf_counter() - started
    np.save(arguments.out, descriptors)

    size = encoder.card.input_size
    pixels = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), dtype=np.uint8)
    alone = []
    for _ in range(5):
        started = time.perf_counter()
        encoder.encode(pixels)
        alone.append(BATCH / (time.perf_counter() - started))
    json.dump(
        {
            "seconds": seconds,
            "images_per_second": len(records) / seconds,
            "network_images_per_second": max(alone),
            "version": f"podoba {version('podoba')}, ONNX Runtime {version('onnxruntime')}",
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
