"""Models side by side: speed on one core, size, and what their descriptors retrieve, in one run on one machine.

Names are those of every command: bundled, `timm/<name>`, published, a run folder, an `.onnx` file. Speed is images a
processor-second, from JPEG files to descriptors on one thread, so that other work on the machine disturbs it little; the models
take turns, and the best of their rounds counts:

    python benchmarks/models.py photo small --set flowers=flowers-val.parquet,flowers-train.parquet --json models.json
    python benchmarks/models.py photo small --random resnet50 --random vit_small_patch16_224

`--random` exports a network of timm with random weights (needs podoba[train]): its speed is that of the published one, and no
score is shown.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from images import chosen, generated
from machine import describe_machine
from podoba.images.record import ImageRecord
from podoba.images.sources.open import open_part, open_source
from podoba.models.bundled import BUNDLED
from podoba.models.encoder import Encoder
from podoba.models.names import open_model
from podoba.models.pipeline import encode_images
from podoba.report.evaluate import evaluate_model


@dataclass(frozen=True)
class Measured:
    """One model: what it is, its speed in images a processor-second, and (KNN score, MAP@R) by the name of each set."""

    model: str
    megabytes: float
    pixels: int
    dim: int
    precision: str
    rate: float
    scores: dict[str, tuple[float, float]]


def main() -> None:
    """Measure every model, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(BUNDLED), metavar="MODEL", help="default: the bundled ones")
    parser.add_argument("--random", action="append", default=[], metavar="NAME", help="a network of timm with random weights")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=QUERIES,GALLERY", dest="sets", help="labelled images")
    parser.add_argument("--data", metavar="SOURCE", help="images for the speed; default: generated ones of 32x32 pixels")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    sets = {name: places.split(",") for name, _, places in (text.partition("=") for text in arguments.sets)}
    if wrong := [name for name, places in sets.items() if len(places) != 2]:
        parser.error(f"--set {wrong[0]}: write it as NAME=QUERIES,GALLERY")
    machine = describe_machine()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        published = {model: open_model(model, 1, "cpu") for model in arguments.models}
        random = {f"timm/{network}, random weights": random_model(network, folder) for network in arguments.random}
        rates = speeds({**published, **random}, written(folder, arguments.data, arguments.images), arguments.rounds)
        for model, encoder in (*published.items(), *random.items()):
            scores = {} if model in random else {name: retrieval(encoder, *places) for name, places in sets.items()}
            megabytes, card = encoder.path.stat().st_size / 1e6, encoder.card
            rows.append(Measured(model, megabytes, card.input_size, card.dim, card.precision, rates[model], scores))
    print(table(rows, list(sets)))
    print(f"{machine['processor']}, load {machine['load']} at the beginning")
    if arguments.json is not None:
        figures = {"machine": machine, "models": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def random_model(network: str, folder: Path) -> Encoder:
    """A network of timm with random weights."""
    from podoba.learn.export.timm_network import export_timm

    path = folder / f"{network}.onnx"
    export_timm(network, path, pretrained=False)
    return Encoder(path, 1, device="cpu")


def written(folder: Path, source: str | None, count: int) -> Sequence[ImageRecord]:
    """Images of a source, or generated ones, as files."""
    place = folder / "files"
    place.mkdir()
    for number, (_, data) in enumerate(generated(count) if source is None else chosen(source, count)):
        (place / f"{number:05}.jpg").write_bytes(data)
    return open_source(place).records


def speeds(encoders: Mapping[str, Encoder], records: Sequence[ImageRecord], rounds: int) -> dict[str, float]:
    """Images a processor-second of each, from files to descriptors on one thread: the best of some rounds."""
    best = dict.fromkeys(encoders, 0.0)
    for _ in range(rounds):
        for name, encoder in encoders.items():
            encoder.encode(np.zeros((1, encoder.card.input_size, encoder.card.input_size, 3), dtype=np.uint8))
            started = time.process_time()
            done = sum(len(batch) for batch, _ in encode_images(records, encoder, workers=1))
            best[name] = max(best[name], done / (time.process_time() - started))
    return best


def retrieval(encoder: Encoder, queries: str, gallery: str) -> tuple[float, float]:
    """KNN score and MAP@R of labelled images that search in others."""
    scores = evaluate_model(encoder, open_part(queries, "test"), open_part(gallery, "train")).to_json()
    return scores["knn_score"], scores["map@r"]


def table(rows: Sequence[Measured], sets: Sequence[str]) -> str:
    """The models as a Markdown table."""
    columns = ["model", "images a processor-second", "MB", "pixels", "numbers", "computes in"]
    columns += [f"{name}: KNN / MAP@R" for name in sets]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row in rows:
        scores = [" / ".join(f"{score:.3f}" for score in row.scores[name]) if name in row.scores else "" for name in sets]
        cells = [row.model, f"{row.rate:.0f}", f"{row.megabytes:.1f}", str(row.pixels), str(row.dim), row.precision, *scores]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
