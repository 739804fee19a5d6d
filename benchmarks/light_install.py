"""From nothing to the first search: a fresh environment, the light install, 1,000 photographs indexed with the bundled model.

The wheel is installed without extras into an empty environment (that needs a network or a wheelhouse); the commands then run,
where the system allows it, in a network namespace of their own that reaches nothing. Wall time, and the seconds of processors:

    python benchmarks/light_install.py
    python benchmarks/light_install.py --data flowers-train.parquet --json light.json
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from images import chosen, photograph, with_comment
from machine import ROOT, describe_machine

GOAL = 120.0  # seconds, all together
SIZE = (1600, 1200)  # of generated photographs
DISTINCT = 20  # drawings; the others are copies with a comment of their own, so that none is known already


def main() -> None:
    """Install, write the files, time the two commands, print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="SOURCE", help="images (any source of podoba); default: generated photographs")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", name], cwd=ROOT, check=True)
        (wheel,) = folder.glob("*.whl")
        pictures = folder / "pictures"
        pictures.mkdir()
        for number, data in enumerate(photographs(arguments.images, arguments.data)):
            (pictures / f"{number}.jpg").write_bytes(data)
        environment = folder / "environment"
        programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
        alone, program, collection = without_network(), str(programs / "podoba"), str(folder / "pictures.podoba")
        taken = {
            "environment": seconds([sys.executable, "-m", "venv", str(environment)]),
            "install": seconds([str(programs / "python"), "-m", "pip", "install", "--quiet", str(wheel)]),
            "index": seconds([*alone, program, "index", collection, str(pictures)]),
            "search": seconds([*alone, program, "search", collection, str(pictures / "7.jpg")]),
        }
        if subprocess.run([programs / "python", "-c", "import torch"], capture_output=True, check=False).returncode == 0:
            sys.exit("the light install brought torch with it")
        megabytes = sum(file.stat().st_size for file in environment.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6
    for step, (wall, processor) in taken.items():
        print(f"{step}: {wall:.1f} s ({processor:.1f} of processors)")
    together, network = (
        sum(wall for wall, _ in taken.values()),
        "without a network" if alone else "with whatever network there is",
    )
    print(f"together {together:.0f} s (under {GOAL:.0f}): {arguments.images} images, {network}; {megabytes:.0f} MB installed")
    print(f"{machine['processor']}, load {machine['load']} at the beginning")
    if arguments.json is not None:
        figures = {
            "machine": machine, "images": arguments.images, "isolated": bool(alone), "megabytes": megabytes,
            "wall": {step: wall for step, (wall, _) in taken.items()},
            "processor": {step: processor for step, (_, processor) in taken.items()},
        }  # fmt: skip
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def photographs(count: int, source: str | None) -> Iterator[bytes]:
    """JPEG files of a source, or generated."""
    if source is not None:
        yield from (data for _, data in chosen(source, count))
        return
    rng = np.random.default_rng(0)
    drawn = [photograph(rng, SIZE) for _ in range(min(count, DISTINCT))]
    yield from (with_comment(drawn[number % len(drawn)], str(number)) for number in range(count))


def without_network() -> list[str]:
    """What a command is preceded by to run without a network; empty where the system does not allow that."""
    command = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None:
        return []
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else []


def seconds(command: list[str]) -> tuple[float, float]:
    """Wall time of a command that must succeed, and processor time of it and its children."""
    started, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - started, processor


if __name__ == "__main__":
    main()
