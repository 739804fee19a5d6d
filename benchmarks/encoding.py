"""Images per second from JPEG files to descriptors: podoba's encoder, and torch eager with Pillow as peers do it.

The same random weights on both sides, fresh processes, in turns, each with all cores:

    python benchmarks/encoding.py --json encoding.json
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode

from images import chosen, generated, photograph
from machine import core_count, describe_machine, gemm_peak
from podoba.learn.export.model_file import export_onnx
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.models.card import Card
from podoba.runs.settings import BackboneSettings

HERE = Path(__file__).resolve().parent
PHOTOGRAPH = (4000, 3000)  # 12 megapixels
DISTINCT = 6  # photographs that are generated; the others are copies


@dataclass(frozen=True)
class Case:
    """One comparison, and how many times faster podoba is meant to be."""

    name: str
    title: str
    network: str
    size: int
    goal: float


CASES = [
    Case("small", "32x32 files, VGG16 at 32", "vgg16", 32, 1.6),
    Case("large", "12 megapixel photographs, ResNet-50 at 224", "resnet50", 224, 2.5),
]


@dataclass(frozen=True)
class Comparison:
    """Medians over the rounds; the ratio is the median of the rounds' ratios; shares are of the GEMM peak."""

    case: str
    images: int
    gflop_per_image: float
    gemm_peak: float
    torch_rate: float
    podoba_rate: float
    ratio: float
    podoba_share: float
    podoba_network_share: float
    torch_share: float
    least_cosine: float
    rounds: list[dict[str, dict[str, Any]]]


def main() -> None:
    """Run the cases asked for, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="SOURCE", help="small images (any source of podoba); default: generated ones")
    parser.add_argument("--images", type=int, default=2000, help="small files")
    parser.add_argument("--photographs", type=int, default=48, help="large files")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()

    machine = describe_machine()
    comparisons = []
    for case in CASES:
        if arguments.case and case.name not in arguments.case:
            continue
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "files"
            files.mkdir()
            if case.name == "large":
                write_photographs(files, arguments.photographs)
            else:
                write_small(files, arguments.data, arguments.images)
            comparisons.append(compare(case, files, Path(folder), arguments.rounds))
    print(table(comparisons))
    if arguments.json is not None:
        figures = {"machine": machine, "comparisons": [asdict(comparison) for comparison in comparisons]}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def write_small(folder: Path, source: str | None, count: int) -> None:
    """Small JPEG files, of a source or generated."""
    for number, (_, data) in enumerate(generated(count) if source is None else chosen(source, count)):
        (folder / f"{number:05}.jpg").write_bytes(data)


def write_photographs(folder: Path, count: int) -> None:
    """JPEG files of 12 megapixels."""
    rng = np.random.default_rng(0)
    photographs = [photograph(rng, PHOTOGRAPH) for _ in range(min(count, DISTINCT))]
    for number in range(count):
        (folder / f"{number:05}.jpg").write_bytes(photographs[number % len(photographs)])


def compare(case: Case, files: Path, folder: Path, rounds: int) -> Comparison:
    """Both sides of one case, in turns, with the GEMM peak measured in between."""
    torch.manual_seed(0)
    backbone = build_backbone(BackboneSettings(name=case.network, pretrained=False), case.size)
    model, weights = folder / "model.onnx", folder / "weights.safetensors"
    write_model(backbone, case, model, weights)
    gflop = count_gflop(backbone)
    ours, theirs = folder / "podoba.npy", folder / "torch.npy"
    sizes = ["--network", case.network, "--size", str(case.size), "--workers", str(core_count())]
    peaks, results = [], []
    for _ in range(rounds):
        peaks.append(gemm_peak())
        results.append(
            {
                "podoba": run([str(HERE / "podoba_encoding.py"), str(files), str(model), str(ours)], case),
                "torch": run([str(HERE / "peers/torch_encoding.py"), str(files), str(weights), str(theirs), *sizes], case),
            }
        )
    peak = max(peaks)
    rates = {side: statistics.median(float(row[side]["images_per_second"]) for row in results) for side in ("podoba", "torch")}
    network = statistics.median(float(row["podoba"]["network_images_per_second"]) for row in results)
    return Comparison(
        case=case.name,
        images=len(list(files.iterdir())),
        gflop_per_image=gflop,
        gemm_peak=peak,
        torch_rate=rates["torch"],
        podoba_rate=rates["podoba"],
        ratio=statistics.median(
            float(row["podoba"]["images_per_second"]) / float(row["torch"]["images_per_second"]) for row in results
        ),
        podoba_share=rates["podoba"] * gflop / peak,
        podoba_network_share=network * gflop / peak,
        torch_share=rates["torch"] * gflop / peak,
        least_cosine=float((np.load(ours) * np.load(theirs)).sum(axis=1).min()),
        rounds=results,
    )


def write_model(backbone: Backbone, case: Case, model: Path, weights: Path) -> None:
    """The same weights as podoba's model file and as the bare network's state, the way peers keep them."""
    body = backbone.body.features if case.network.startswith("vgg") else backbone.body
    assert isinstance(body, torch.nn.Module)
    save_file({key: value.contiguous() for key, value in body.state_dict().items()}, weights)
    card = Card.make(
        name=case.network,
        input_size=case.size,
        dim=backbone.feature_dim,
        resize="crop",
        backbone=case.network,
        notes="Random weights, for the benchmark.",
    )
    export_onnx(backbone, card, model)


def count_gflop(backbone: Backbone) -> float:
    """Billions of additions and multiplications that the network takes for one image, as its layers define them."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        backbone(torch.zeros(1, 3, backbone.input_size, backbone.input_size))
    return float(counter.get_total_flops()) / 1e9


def run(command: list[str], case: Case) -> dict[str, Any]:
    """The JSON object that one side prints."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    rate = f"{result['images_per_second']:.1f} images/s"
    print(f"{case.name}: {result['version']}: {rate}", file=sys.stderr, flush=True)
    return result


def table(comparisons: list[Comparison]) -> str:
    """The comparisons as a Markdown table."""
    titles = {case.name: case for case in CASES}
    lines = [
        "| case | torch eager, images/s | podoba, images/s | ratio (goal) | GFLOP an image | GEMM peak, GFLOP/s "
        "| share of it: torch | podoba | podoba, network alone |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {titles[row.case].title} | {row.torch_rate:.1f} | {row.podoba_rate:.1f} "
        f"| {row.ratio:.2f} (at least {titles[row.case].goal}) | {row.gflop_per_image:.2f} | {row.gemm_peak:.0f} "
        f"| {row.torch_share:.0%} | {row.podoba_share:.0%} | {row.podoba_network_share:.0%} |"
        for row in comparisons
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
