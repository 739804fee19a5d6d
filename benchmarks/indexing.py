"""Images a second that `podoba index` takes in, beside what the encoder alone could do, and the memory it needs.

Image files are written to a folder first, from a source of podoba or generated; the encoder's own limit is measured on pixels
that are already decoded, in batches of 128, before and after:

    python benchmarks/indexing.py --small
    python benchmarks/indexing.py --data cifar10:train --images 50000 --json indexing.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from images import chosen, generated
from machine import describe_machine, peak_memory
from podoba.collection.collection import Collection
from podoba.images.decode import load_pixels
from podoba.images.sources.open import open_source
from podoba.models.names import open_model
from podoba.models.pipeline import SETTINGS

GOAL = 0.85  # of the encoder's own limit


def main() -> None:
    """Write the files, measure in fresh processes, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="SOURCE", help="images (any source of podoba); default: generated ones of 32x32 pixels")
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--model", default="small")
    parser.add_argument("--small", action="store_true", help="1,000 images: to see that everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    parser.add_argument("--step", choices=["limit", "index"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step is not None:
        step = encoder_limit if arguments.step == "limit" else index_folder
        print(json.dumps(step(arguments.folder, arguments.model)))
        return
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        count = write_files(arguments.data, 1000 if arguments.small else arguments.images, Path(folder) / "images")
        limits = [run("limit", folder, arguments.model)]
        index = run("index", folder, arguments.model)
        limits.append(run("limit", folder, arguments.model))
    limit = max(found["per_second"] for found in limits)
    share = index["per_second"] / limit
    print(
        f"{count} images, batches of {index['batch']}: {index['per_second']:.0f} a second, {share:.0%} of the encoder's "
        f"{limit:.0f} (at least {GOAL:.0%}); most memory {index['peak'] / 1e6:.0f} MB, {index['growth'] / 1e6:.0f} MB of "
        f"it while indexing; again with nothing changed {index['again']:.2f} s"
    )
    if arguments.json is not None:
        figures = {"machine": machine, "data": arguments.data or "generated", "images": count, "share": share}
        arguments.json.write_text(json.dumps(figures | {"limits": limits, "index": index}, indent=2) + "\n", encoding="utf-8")


def write_files(source: str | None, count: int, folder: Path) -> int:
    """The images as files, a thousand a folder."""
    written = 0
    for _, data in generated(count) if source is None else chosen(source, count):
        place = folder / f"{written // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{written}.jpg").write_bytes(data)
        written += 1
    return written


def run(step: str, folder: str, model: str) -> dict[str, Any]:
    """One step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--folder", folder, "--model", model]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def encoder_limit(folder: Path, model: str) -> dict[str, float]:
    """Images a second of the encoder alone, the best of several rounds of some seconds."""
    encoder = open_model(model)
    batch = 128
    records = open_source(folder / "images").records[: 8 * batch]
    pixels = np.stack([load_pixels(record, encoder.card.pixels) for record in records])
    encoder.encode(pixels[:batch], batch)
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        encoder.encode(pixels, batch)
        best = max(best, len(pixels) / (time.perf_counter() - started))
    return {"per_second": best}


def index_folder(folder: Path, model: str) -> dict[str, float]:
    """Images a second of a whole update of a new collection, and of one in which nothing changed."""
    encoder = open_model(model, 1)  # as `podoba index` does
    before = peak_memory()
    with Collection.open(folder / "images.podoba", create=True) as collection:
        started = time.perf_counter()
        source = open_source(folder / "images")
        report = collection.index_sources([source], encoder, model=model)
        seconds = time.perf_counter() - started
        peak = peak_memory()
        started = time.perf_counter()
        collection.index_sources([open_source(folder / "images")], encoder, model=model)
        again = time.perf_counter() - started
    return {
        "per_second": report.added / seconds, "seconds": seconds, "again": again, "peak": peak, "growth": peak - before,
        "batch": SETTINGS.batch_of(encoder.card.input_size),
    }  # fmt: skip


if __name__ == "__main__":
    main()
