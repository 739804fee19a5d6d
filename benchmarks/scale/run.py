"""Everything that is promised of work beyond one machine, measured on this one: `make scale`.

PYTHONPATH=benchmarks python -m scale.run --small
PYTHONPATH=benchmarks python -m scale.run --only cluster --json scale.json
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from machine import describe_machine
from scale import killed_node, listing, loading, one_file, ray_overhead
from scale.descriptors import write_shards
from scale.figures import Figure, as_json, as_table


@dataclass(frozen=True)
class Sizes:
    """Of what is measured.

    Attributes:
        small: only to see that everything works.
        items: descriptors of the part `vectors`.
    """

    small: bool
    items: int


Part = Callable[[Path, Sizes], Sequence[Figure]]
"""Measures in a folder."""


def cluster(folder: Path, sizes: Sizes) -> Sequence[Figure]:
    """A query node of six processes is killed while it is searched."""
    settings = killed_node.Settings(items=4_000, searches=1_000, killed_after=200) if sizes.small else killed_node.Settings()
    return killed_node.measure(folder, settings)


def names(folder: Path, sizes: Sizes) -> Sequence[Figure]:
    """A bucket of a million names is listed into shards."""
    return listing.measure(20_000 if sizes.small else 1_000_000)


def vectors(folder: Path, sizes: Sizes) -> Sequence[Figure]:
    """Descriptors are loaded and searched; the same in one file."""
    known = write_shards(folder / "shards", sizes.items, 100 if sizes.small else 1_000)
    return [*loading.measure(known), *one_file.measure(known)]


def ray(folder: Path, sizes: Sizes) -> Sequence[Figure]:
    """Pictures are encoded with Ray and without."""
    return ray_overhead.measure(folder, 300 if sizes.small else 20_000)


PARTS: dict[str, Part] = {"cluster": cluster, "vectors": vectors, "ray": ray, "listing": names}


def main() -> None:
    """Measure the parts that were chosen, print a table; fails where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="default: all")
    parser.add_argument("--small", action="store_true", help="small sizes: to see that everything works")
    parser.add_argument("--items", type=int, metavar="N", help="descriptors of the part vectors; default: 200,000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    sizes = Sizes(arguments.small, arguments.items or (5_000 if arguments.small else 200_000))
    machine, found = describe_machine(), dict[str, Sequence[Figure]]()
    for name in arguments.only or PARTS:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix=f"scale-{name}-") as folder:
            found[name] = PARTS[name](Path(folder), sizes)
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
        if arguments.json is not None:
            text = json.dumps({"machine": machine, "small": arguments.small, "parts": as_json(found)}, indent=2)
            arguments.json.write_text(text + "\n", encoding="utf-8")
    print(", ".join(f"{name}: {value}" for name, value in machine.items()), end="\n\n")
    print(as_table(found))
    if not all(figure.reached for figures in found.values() for figure in figures):
        sys.exit("a goal was missed")


if __name__ == "__main__":
    main()
