"""Published models by their short names in the light install: pull, index, search, words.

podoba is installed into a fresh environment; the hub is the stand-in of `hub_stand_in.py`, which serves tiny networks in the
layouts of the real repositories, pinned by `recipes/catalogue/pin.py` as the real ones are. With `--real` the real hub is asked.

    python benchmarks/published.py
    python benchmarks/published.py --real dinov2-small
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
import venv
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from hub_stand_in import hub_stand_in
from images import generated
from machine import ROOT
from published_layouts import publish_all

CATALOGUE = ROOT / "src" / "podoba" / "models" / "published" / "catalogue.json"
WORDS = "text:червоний"


def main() -> None:
    """Install, go through the names, print a table; end with 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="short names; default: all")
    parser.add_argument("--real", action="store_true", help="fetch the real files from the real hub (gigabytes)")
    parser.add_argument("--images", type=int, default=60)
    arguments = parser.parse_args()
    facts = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    names = arguments.names or list(facts)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="podoba-")))
        environment = folder / "environment"
        venv.create(environment, with_pip=True)
        programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", f"{ROOT}[text]"], check=True)
        variables = {**os.environ, "PODOBA_CACHE": str(folder / "cache"), "PYTHONPATH": ""}  # what is installed, not the source
        if not arguments.real:
            hub = stack.enter_context(hub_stand_in())
            publish_all(hub)
            variables |= {"HF_ENDPOINT": hub.endpoint, "PODOBA_CATALOGUE": str(folder / "catalogue.json")}
            shutil.copyfile(CATALOGUE, folder / "catalogue.json")
            pin = [programs / "python", ROOT / "recipes" / "catalogue" / "pin.py", folder / "catalogue.json", "--anew", *facts]
            subprocess.run(pin, check=True, env=variables, stdout=subprocess.DEVNULL)
        pictures = folder / "pictures"
        pictures.mkdir()
        for number, (_, data) in enumerate(generated(arguments.images)):
            (pictures / f"{number}.jpg").write_bytes(data)
        rows = [try_model(name, facts[name], programs / "podoba", folder, variables) for name in names]
    print("| name | repository | pull | index | search | words |\n|---|---|---|---|---|---|")
    for name, row in zip(names, rows, strict=True):
        print(f"| `{name}` | {facts[name]['repository']} | {' | '.join(row)} |")
    sys.exit(any(cell.startswith("error") for row in rows for cell in row))


def try_model(name: str, facts: Mapping[str, object], program: Path, folder: Path, variables: Mapping[str, str]) -> list[str]:
    """Seconds of each step, or how it failed."""
    collection = folder / f"{name}.podoba"
    accept = ["--accept-licence"] if facts.get("accept") else []
    steps = [
        ["models", "pull", name, *accept],
        ["index", str(collection), str(folder / "pictures"), "--model", name],
        ["search", str(collection), str(folder / "pictures" / "7.jpg"), "--json"],
    ]
    if facts.get("text"):
        steps.append(["search", str(collection), WORDS, "--json"])
    cells = [run([str(program), *step], variables) for step in steps]
    return cells if facts.get("text") else [*cells, "none"]


def run(command: list[str], variables: Mapping[str, str]) -> str:
    """Wall time of a command in words, or the line in which it says why it failed."""
    started = time.perf_counter()
    done = subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False)
    if done.returncode:
        return "error: " + (done.stderr.strip().splitlines() or ["nothing said"])[-1].removeprefix("error: ")
    found = json.loads(done.stdout)["hits"] if "--json" in command else None
    return f"{time.perf_counter() - started:.1f} s" + ("" if found is None else f", {len(found)} found")


if __name__ == "__main__":
    main()
