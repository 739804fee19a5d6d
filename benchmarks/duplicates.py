"""Duplicates by podoba and by imagededup among the same images, with changed copies planted among them.

Among real images are some that only look alike (`lookalikes`): documents of one template, screenshots in one frame, products on
white. A found pair is right where it was planted; every other one is wrong, though sets of photographs hold copies of their own:
they are counted against both sides alike. Recall is by kind; what is wrong has no kind, so it counts in full against each. The
peers are also given the threshold that suits them best on these very images. Each method runs in a fresh process:

    python benchmarks/duplicates.py flowers-train.parquet food101-64-train.parquet --count 2000 --look-alike 20
    python benchmarks/duplicates.py flowers-train.parquet food101-64-train.parquet tiny-imagenet-val.parquet --json copies.json
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lookalikes import KINDS
from machine import core_count, describe_machine, peers_python
from planted import CHANGES, looks_like, plant
from podoba.models.bundled import bundled_folder

HERE = Path(__file__).resolve().parent
PEERS = ("phash", "dhash", "whash", "ahash", "cnn", "cnn-small")
GOAL = 3.0  # times faster than the CNN method
MOVED = ("identical", "same picture")  # by `podoba duplicates --move-to`
ALIKE = ("same picture",)  # of planted copies, those that may be moved
Pair = tuple[str, str]


def main() -> None:
    """Plant, run every method, print tables, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="+", help="real images (any source of podoba)")
    parser.add_argument("--count", type=int, default=10_000, help="images, without the copies")
    parser.add_argument("--share", type=float, default=0.3, help="of the images that get a copy")
    parser.add_argument("--look-alike", type=int, default=0, metavar="N", help="pictures of each kind that only looks alike")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peer", action="append", choices=PEERS, help="default: all")
    parser.add_argument("--no-peers", action="store_true", help="podoba alone")
    parser.add_argument("--weights", type=Path, help="of torchvision's mobilenet_v3_small (a state dict), for imagededup's CNN")
    parser.add_argument("--folder", type=Path, help="where images and collection are kept; default: a temporary one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = arguments.folder or Path(temporary)
        pairs = plant(arguments.source, arguments.count, arguments.share, place / "images", arguments.seed, arguments.look_alike)
        planted = {name: [_sorted(pair) for pair in some] for name, some in pairs.items()}
        methods = {"podoba": run_podoba(place, planted)}
        print(table(methods), flush=True)
        for peer in [] if arguments.no_peers else arguments.peer or PEERS:
            methods[peer] = run_peer(peer, place, planted, arguments.weights)
            print(f"{peer}: {methods[peer]['seconds']:.1f} s", file=sys.stderr, flush=True)
    print(table(methods))
    print(by_change(methods["podoba"]))
    if arguments.look_alike:
        print(by_look(methods))
    if "cnn" in methods:
        ratio = methods["cnn"]["seconds"] / methods["podoba"]["seconds"]
        print(f"\n{ratio:.1f} times faster than imagededup's CNN (goal: {GOAL:g})")
    if arguments.json is not None:
        facts = {"machine": describe_machine(), "sources": arguments.source, "count": arguments.count, "methods": methods}
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def run_podoba(place: Path, planted: dict[str, list[Pair]]) -> dict[str, Any]:
    """Index and find: figures, and by kind how well."""
    out = place / "podoba.json"
    command = [sys.executable, str(HERE / "podoba_duplicates.py"), str(place / "images"), str(place / "images.podoba"), str(out)]
    figures = _run(command)
    found = {(a, b): kind for a, b, kind in json.loads(out.read_text())}
    kinds = {pair: kind for kind, changes in CHANGES.items() for change in changes for pair in planted[change]}
    right = [kinds[pair] == found[pair] for pair in kinds if found.get(pair)]
    figures["kind_right"] = sum(right) / max(1, len(right))
    figures["scores"] = scores(set(found), planted)
    figures["looks"] = wrong_looks(set(found), planted)
    figures["moved_wrongly"] = sorted(pair for pair, kind in found.items() if kind in MOVED and kinds.get(pair) not in ALIKE)
    figures["unplanted"] = [[*pair, kind] for pair, kind in found.items() if pair not in kinds]
    figures["recall_by_change"] = {name: sum(pair in found for pair in pairs) / len(pairs) for name, pairs in planted.items()}
    figures["missed"] = {name: [pair for pair in pairs if pair not in found] for name, pairs in planted.items()}
    return figures


def run_peer(peer: str, place: Path, planted: dict[str, list[Pair]], weights: Path | None) -> dict[str, Any]:
    """The same of a peer: at its default threshold, and at the one with the best mean F1 over the kinds."""
    out = place / f"{peer}.json"
    small = str(bundled_folder("small") / "model.onnx")
    command = [
        str(peers_python("duplicates")),
        str(HERE / "peers" / "imagededup_runner.py"),
        peer,
        str(place / "images"),
        str(out),
    ]
    figures = _run([*command, "--small", small, *(["--weights", str(weights)] if weights is not None else [])])
    if not figures["trained"]:
        return figures
    pairs_by_level = json.loads(out.read_text())
    levels = {name: scores({(a, b) for a, b in pairs}, planted) for name, pairs in pairs_by_level.items()}
    figures["looks"] = wrong_looks({(a, b) for a, b in pairs_by_level["default"]}, planted)
    figures["scores"] = levels.pop("default")
    figures["best_threshold"] = max(levels, key=lambda name: sum(row["f1"] for row in levels[name].values()))
    figures["best_scores"] = levels[figures["best_threshold"]]
    # The best threshold for each kind alone: more than one run could give.
    figures["best_f1"] = {kind: max(rows[kind]["f1"] for rows in levels.values()) for kind in CHANGES}
    return figures


def scores(found: set[Pair], planted: dict[str, list[Pair]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 by kind; of each pair the smaller name first."""
    by_kind = {kind: {pair for change in changes for pair in planted[change]} for kind, changes in CHANGES.items()}
    wrong = len(found - set().union(*by_kind.values()))
    result = {}
    for kind, pairs in by_kind.items():
        right = len(found & pairs)
        precision, recall = right / max(1, right + wrong), right / max(1, len(pairs))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        result[kind] = {"planted": len(pairs), "wrong": wrong, "precision": precision, "recall": recall, "f1": f1}
    return result


def wrong_looks(found: set[Pair], planted: dict[str, list[Pair]]) -> dict[str, int]:
    """How many wrong pairs are of two pictures of one kind that only looks alike."""
    wrong = found - {pair for pairs in planted.values() for pair in pairs}
    looks = [looks_like(pair) for pair in wrong]
    return {kind: looks.count(kind) for kind in KINDS}


def _sorted(pair: Pair) -> Pair:
    return (pair[0], pair[1]) if pair[0] < pair[1] else (pair[1], pair[0])


def _run(command: list[str]) -> dict[str, Any]:
    """The JSON that a process prints, and the most memory that it and its children held together (proportional share)."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    most = 0
    while process.poll() is None:
        most = max(most, sum(_share(number) for number in _family(process.pid)))
        time.sleep(0.2)
    out, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors[-3000:]}")
    figures: dict[str, Any] = json.loads(out.splitlines()[-1])
    return figures | {"memory": most}


def _family(number: int) -> list[int]:
    try:
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        return []
    return [number, *(one for child in children for one in _family(int(child)))]


def _share(number: int) -> int:
    try:
        rows = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))


def table(methods: dict[str, dict[str, Any]]) -> str:
    """Precision, recall and F1 by kind, seconds and memory, a row a method and threshold."""
    lines = [
        f"\n| method | {' | '.join(f'{kind}: precision | recall | F1' for kind in CHANGES)} | wrong pairs | s | memory MB |",
        "|---" * (3 * len(CHANGES) + 4) + "|",
    ]
    for name, figures in methods.items():
        label = name if name == "podoba" else f"imagededup {name}"
        end = f"{figures['seconds']:.1f} | {figures['memory'] / 1e6:.0f} |"
        rows = [(label, figures.get("scores"))]
        if "best_scores" in figures:
            rows.append((f"{label}, best threshold {figures['best_threshold']}", figures["best_scores"]))
        for title, found in rows:
            if found is None:
                lines.append(f"| {title} (random weights: time only) |{' |' * (3 * len(CHANGES) + 1)} {end}")
                continue
            cells = [f"{row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f}" for row in found.values()]
            wrong = next(iter(found.values()))["wrong"]
            lines.append(f"| {title} | {' | '.join(cells)} | {wrong} | {end}")
    return "\n".join(lines)


def by_change(figures: dict[str, Any]) -> str:
    """What share of each planted change podoba found."""
    rows = [f"| {name} | {share:.1%} |" for name, share in figures["recall_by_change"].items()]
    facts = f"index {figures['index']:.1f} s, find {figures['find']:.1f} s, again {figures['find_again']:.1f} s"
    head = ["", f"podoba ({facts}; of what it finds {figures['kind_right']:.1%} is called by its own kind):", ""]
    return "\n".join([*head, "| change | found |", "|---|---|", *rows])


def by_look(methods: dict[str, dict[str, Any]]) -> str:
    """Wrong pairs of each kind that only looks alike, a column a method at its default threshold, and what would be moved."""
    shown = {name: figures for name, figures in methods.items() if "looks" in figures}
    lines = ["", f"| pairs of different pictures | {' | '.join(shown)} |", "|---" * (1 + len(shown)) + "|"]
    lines += [f"| {kind} | {' | '.join(str(figures['looks'][kind]) for figures in shown.values())} |" for kind in KINDS]
    moved = methods["podoba"]["moved_wrongly"]
    return "\n".join([*lines, "", f"podoba --move-to would move {len(moved)} images that are no copies of what is kept"])


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(core_count()))
    main()
