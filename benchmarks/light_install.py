"""The light install at work: 1,000 image files indexed with the bundled model, and one search; no torch, no network.

podoba is installed without extras into a fresh environment (that needs a network or a wheelhouse); the commands then run, where
the system allows it, in a network namespace of their own that reaches nothing:

    python benchmarks/light_install.py
    python benchmarks/light_install.py --data flowers-train.parquet --json light.json
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from images import chosen, generated
from machine import ROOT, describe_machine

GOAL = 10.0  # seconds, index and search together


def main() -> None:
    """Install, write the files, time the two commands, print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="SOURCE", help="images (any source of podoba); default: generated ones of 32x32 pixels")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = install(folder / "environment")
        pictures = folder / "pictures"
        pictures.mkdir()
        images = generated(arguments.images) if arguments.data is None else chosen(arguments.data, arguments.images)
        for number, (_, data) in enumerate(images):
            (pictures / f"{number}.jpg").write_bytes(data)
        alone = without_network()
        collection = str(folder / "pictures.podoba")
        index = seconds([*alone, str(programs / "podoba"), "index", collection, str(pictures)])
        search = seconds([*alone, str(programs / "podoba"), "search", collection, str(pictures / "7.jpg")])
    place = "without a network" if alone else "with whatever network there is"
    both = index + search
    print(f"{len(images)} images {place}: index {index:.2f} s, search {search:.2f} s, together {both:.2f} (under {GOAL:.0f})")
    if arguments.json is not None:
        figures = {
            "machine": describe_machine(),
            "images": len(images),
            "isolated": bool(alone),
            "index": index,
            "search": search,
        }
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def install(folder: Path, extra: str = "") -> Path:
    """The programs of a fresh environment with the light install; ends the program where torch came with it.

    Args:
        extra: what is installed beside it, such as `text`.
    """
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [programs / "python", "-m", "pip", "install", "--quiet", f"{ROOT}[{extra}]" if extra else str(ROOT)], check=True
    )
    if subprocess.run([programs / "python", "-c", "import torch"], capture_output=True, check=False).returncode == 0:
        sys.exit("the light install brought torch with it")
    return programs


def without_network() -> list[str]:
    """What a command is preceded by to run without a network; empty where the system does not allow that."""
    command = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None:
        return []
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else []


def seconds(command: list[str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
