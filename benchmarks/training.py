"""The paper's experiment, trained by podoba and by Keras 3 with TensorFlow as a user would write it, on this machine.

VGG16 with random weights at 32x32 pixels and the paper's head: frozen, frozen with augmentation, and fully fine-tuned.
Both sides learn from the same images, in fresh processes, in turns, each with all cores:

    python benchmarks/training.py --data cifar10 --json training.json
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from images import SIZE, chosen, generated
from machine import describe_machine, peers_python
from podoba.images.decode import load_pixels
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """One comparison, and how many times shorter podoba is meant to be."""

    name: str
    title: str
    goal_total: float | None
    goal_epoch: float | None


CASES = [
    Case("frozen", "frozen backbone", 15, 80),
    Case("augmented", "frozen backbone, augmentation 2 (8 views)", 4, None),
    Case("finetune", "full fine-tuning", None, 2.5),
]


@dataclass(frozen=True)
class Comparison:
    """Medians over the repeats; a ratio is Keras's time over podoba's."""

    case: str
    epochs: int
    keras_total: float
    podoba_total: float
    total_ratio: float
    keras_epoch: float
    podoba_epoch: float
    epoch_ratio: float
    runs: dict[str, list[dict[str, Any]]]


def main() -> None:
    """Run the cases asked for, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="SOURCE", help="labelled images (any source of podoba); default: generated ones")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=20, help="of the frozen cases")
    parser.add_argument("--finetune-epochs", type=int, default=3)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="default: all")
    parser.add_argument("--repeats", type=int, default=1, help="rounds; in one round podoba runs before and after Keras")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()

    machine = describe_machine()
    python = peers_python()
    comparisons = []
    with tempfile.TemporaryDirectory() as folder:
        source, arrays = prepare_images(arguments.data, arguments.images, Path(folder))
        for case in CASES:
            if arguments.case and case.name not in arguments.case:
                continue
            epochs = arguments.finetune_epochs if case.name == "finetune" else arguments.epochs
            comparisons.append(compare(case, epochs, arguments.repeats, python, source, arrays))
    print(table(comparisons))
    if arguments.json is not None:
        figures = {
            "machine": machine,
            "data": arguments.data or "generated",
            "images": arguments.images,
            "comparisons": [asdict(comparison) for comparison in comparisons],
        }
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def prepare_images(source: str | None, count: int, folder: Path) -> tuple[Path, Path]:
    """The same images twice: a manifest of JPEG files for podoba, and pixels in an .npz for Keras, already decoded."""
    files = folder / "images"
    files.mkdir()
    labels, rows = [], []
    for number, (label, data) in enumerate(generated(count) if source is None else chosen(source, count)):
        path = files / f"{number}.jpg"
        path.write_bytes(data)
        rows.append((f"images/{path.name}", label))
        labels.append(label)
    manifest = folder / "images.csv"
    with manifest.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    pixels = [load_pixels(record, PixelRule(SIZE)) for record in open_source(manifest).records]
    order = np.random.default_rng(0).permutation(len(pixels))  # the last tenth is what Keras validates on
    numbers = np.unique(np.array(labels), return_inverse=True)[1]
    arrays = folder / "images.npz"
    np.savez(arrays, images=np.stack(pixels)[order], labels=numbers[order].astype(np.int64))
    return manifest, arrays


def compare(case: Case, epochs: int, repeats: int, python: Path, source: Path, arrays: Path) -> Comparison:
    """Both sides of one case, in turns: podoba, Keras, podoba."""
    keras: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    for _ in range(repeats):
        ours.append(run_podoba(case, epochs, source))
        keras.append(run([str(python), str(HERE / "peers/keras_training.py"), str(arrays)], case, epochs))
        ours.append(run_podoba(case, epochs, source))
    totals = [statistics.median(float(row["total"]) for row in rows) for rows in (keras, ours)]
    later = [statistics.median(float(s) for row in rows for s in row["epochs"][1:]) for rows in (keras, ours)]
    return Comparison(
        case=case.name,
        epochs=epochs,
        keras_total=totals[0],
        podoba_total=totals[1],
        total_ratio=totals[0] / totals[1],
        keras_epoch=later[0],
        podoba_epoch=later[1],
        epoch_ratio=later[0] / later[1],
        runs={"keras": keras, "podoba": ours},
    )


def run_podoba(case: Case, epochs: int, source: Path) -> dict[str, Any]:
    """podoba's side with an empty cache, so that nothing decoded or computed before helps it."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, str(HERE / "podoba_training.py"), str(source)]
        return run(command, case, epochs, {"PODOBA_CACHE": cache})


def run(command: list[str], case: Case, epochs: int, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that one side prints."""
    command = [*command, "--case", case.name, "--epochs", str(epochs)]
    done = subprocess.run(command, env=os.environ | (environment or {}), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{case.name}: {result['version']}: total {result['total']:.1f} s", file=sys.stderr, flush=True)
    return result


def table(comparisons: list[Comparison]) -> str:
    """The comparisons as a Markdown table; seconds, and how many times shorter podoba is."""
    titles = {case.name: case for case in CASES}
    lines = [
        "| case | epochs | total: Keras | podoba | ratio (goal) | later epoch: Keras | podoba | ratio (goal) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in comparisons:
        case = titles[row.case]
        lines.append(
            f"| {case.title} | {row.epochs} | {row.keras_total:.1f} s | {row.podoba_total:.1f} s "
            f"| {row.total_ratio:.1f}{_goal(case.goal_total)} | {row.keras_epoch:.2f} s | {row.podoba_epoch:.3f} s "
            f"| {row.epoch_ratio:.1f}{_goal(case.goal_epoch)} |"
        )
    return "\n".join(lines)


def _goal(goal: float | None) -> str:
    return "" if goal is None else f" (at least {goal:g})"


if __name__ == "__main__":
    main()
