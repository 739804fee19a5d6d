"""Processor time of `podoba index --into --on ray` beside `podoba index` of the same pictures."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from images import with_comment
from scale.figures import Figure
from scale.processor_time import Cost, run
from scale.ray_head import ray_head
from scenes import KINDS, scene

DRAWN = 300  # pictures that are drawn; the others are of the same pixels, with a comment of their own
ROUNDS = 2


def measure(folder: Path, pictures: int, model: str = "small") -> list[Figure]:
    """Index in turn, each time into something new; the smaller cost of each way counts."""
    write_pictures(folder / "pictures", pictures)
    write_pictures(folder / "few", 1)
    alone, local, ray = [], [], []
    with ray_head() as (address, head):
        for _ in range(ROUNDS):
            alone.append(index(folder, model))
            local.append(encode(folder, "pictures", model))
            ray.append(encode(folder, "pictures", model, f"ray:{address}", head))
    start = encode(folder, "few", model, "ray")
    base = min(cost.processor for cost in alone)
    return [
        Figure("pictures", pictures),
        Figure("podoba index: processor time", base, "s"),
        Figure("podoba index: by the clock", min(cost.clock for cost in alone), "s"),
        Figure("--into, processes of this machine: processor time", min(cost.processor for cost in local), "s"),
        Figure("--into, processes of this machine: by the clock", min(cost.clock for cost in local), "s"),
        Figure(
            "--into --on ray, with what its cluster takes meanwhile: processor time", min(cost.processor for cost in ray), "s"
        ),
        Figure("--into --on ray: by the clock", min(cost.clock for cost in ray), "s"),
        Figure("--into against podoba index", min(cost.processor for cost in local) / base),
        Figure(
            "Ray against podoba index", min(cost.processor for cost in ray) / base, "", None, None if pictures < 10_000 else 1.15
        ),
        Figure("a cluster that is started for one picture and ended: processor time", start.processor, "s"),
    ]


def write_pictures(folder: Path, count: int, drawn: int = DRAWN) -> None:
    """Photographs of scenes as JPEG files, each of other bytes, in folders that name what is shown."""
    kinds, jpegs = sorted(KINDS), list[bytes]()
    for number in range(min(drawn, count)):
        file = io.BytesIO()
        scene(kinds[number % len(kinds)], number).save(file, "JPEG", quality=90)
        jpegs.append(file.getvalue())
    for number in range(count):
        place = folder / kinds[number % drawn % len(kinds)] / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(with_comment(jpegs[number % drawn], f"picture {number}"))


def index(folder: Path, model: str) -> Cost:
    """`podoba index` into a new collection."""
    collection = folder / "alone.podoba"
    cost = run([sys.executable, "-m", "podoba", "index", str(collection), str(folder / "pictures"), "--model", model])
    for file in folder.glob("alone.podoba*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    return cost


def encode(folder: Path, pictures: str, model: str, on: str | None = None, beside: int | None = None) -> Cost:
    """`podoba index --into` a new folder, on Ray or in processes of this machine."""
    out, options = folder / "out", [] if on is None else ["--on", on]
    command = [sys.executable, "-m", "podoba", "index", str(folder / pictures), "--into", str(out), "--model", model, *options]
    cost = run(command, beside=beside)
    shutil.rmtree(out)
    return cost
