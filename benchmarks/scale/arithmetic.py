"""What ten million, a hundred million and a thousand million images take, from what one image takes on this machine.

Encoding, on one core, of small pictures and of photographs as cameras make them; the descriptors as files; loading them into
Milvus, its memory, and searches. The tables are Markdown:

    PYTHONPATH=benchmarks python -m scale.arithmetic --small
    PYTHONPATH=benchmarks python -m scale.arithmetic --json arithmetic.json
"""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from images import photograph, with_comment
from machine import describe_machine
from models import speeds
from podoba.images.sources.open import open_source
from podoba.models.bundled import BUNDLED
from podoba.models.names import open_model
from scale.descriptors import write_shards
from scale.loading import load_and_search
from scenes import KINDS, scene

COUNTS = (10_000_000, 100_000_000, 1_000_000_000)
NODE_CORES = 16  # of the machine that hours are told of
NODE_MEMORY = 64e9  # bytes of the query node that numbers of nodes are told of
USABLE = 0.7  # share of it that is filled
LARGE = (4000, 3000)  # 12 megapixels
LARGE_DRAWN = 6


@dataclass(frozen=True)
class Encoded:
    """What encoding a kind of picture takes with a model.

    Attributes:
        picture: in words.
        bytes: of a file, on average.
        rate: images a second of one core, from files to descriptors.
    """

    model: str
    picture: str
    bytes: float
    rate: float


@dataclass(frozen=True)
class Held:
    """What descriptors of a model take, as files and in a server.

    Attributes:
        items: how many were loaded.
        parquet: bytes of an item in a file.
        memory: bytes of an item in the server's memory, beyond those of the empty server.
        load_rate: items a second from files until they are searchable, by one command beside its server.
        p50, p99: milliseconds of a search, of one at a time.
        recall: at 10, against exact.
    """

    model: str
    dim: int
    items: int
    parquet: float
    memory: float
    load_rate: float
    p50: float
    p99: float
    recall: float


def main() -> None:
    """Measure, print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="to see that everything works")
    parser.add_argument("--pictures", type=int, default=512, help="of 64 pixels; of 12 megapixels a sixteenth")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=100_000, help="descriptors that are loaded and searched, of each model")
    parser.add_argument("--models", nargs="+", default=list(BUNDLED))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured here")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    if arguments.small:
        arguments.pictures, arguments.rounds, arguments.items = 96, 1, 4_000
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="scale-arithmetic-") as folder:
        encoded = measure_encoding(Path(folder), arguments.models, arguments.pictures, arguments.rounds)
        held = [measure_holding(Path(folder) / model, model, arguments.items) for model in arguments.models]
    if arguments.json is not None:
        figures = {"machine": machine, "encoded": [*map(asdict, encoded)], "held": [*map(asdict, held)]}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(", ".join(f"{name}: {value}" for name, value in machine.items()))
    for table in (encoding_table(encoded), file_table(encoded, held), memory_table(held)):
        print(f"\n{table}")


def measure_encoding(folder: Path, models: Sequence[str], count: int, rounds: int) -> list[Encoded]:
    """Draw pictures of both kinds and encode them on one core with each model."""
    kinds = {"PNG of 64 pixels": small_pictures(count), "JPEG of 12 megapixels": large_pictures(max(count // 16, LARGE_DRAWN))}
    encoders, found = {model: open_model(model, 1, "cpu") for model in models}, []
    for number, (kind, files) in enumerate(kinds.items()):
        place = folder / f"pictures-{number}"
        place.mkdir(parents=True)
        for row, data in enumerate(files):
            (place / f"{row:05d}{'.png' if kind.startswith('PNG') else '.jpg'}").write_bytes(data)
        rates = speeds(encoders, open_source(place).records, rounds)
        found += [Encoded(model, kind, float(np.mean([len(data) for data in files])), rates[model]) for model in models]
    return found


def small_pictures(count: int) -> list[bytes]:
    """Scenes as PNG of 64 x 64 pixels."""
    files = []
    for number in range(count):
        file = io.BytesIO()
        scene(sorted(KINDS)[number % len(KINDS)], number).resize((64, 64), Image.Resampling.LANCZOS).save(file, "PNG")
        files.append(file.getvalue())
    return files


def large_pictures(count: int) -> list[bytes]:
    """JPEG of 12 megapixels with as many bytes as a camera's; some are drawn, the others differ by a comment."""
    rng = np.random.default_rng(0)
    drawn = [photograph(rng, LARGE) for _ in range(min(count, LARGE_DRAWN))]
    return [with_comment(drawn[number % len(drawn)], f"picture {number}") for number in range(count)]


def measure_holding(folder: Path, model: str, items: int) -> Held:
    """Load generated descriptors of a model's length into a server, and search."""
    known = write_shards(folder / "shards", items, 300, model=model)
    loaded = load_and_search(known)
    p50, p99 = np.percentile(loaded.plain.seconds, [50, 99]) * 1000
    memory = (loaded.memory[1] - loaded.memory[0]) / items
    return Held(
        model, known.queries.shape[1], items, loaded.shards / items, memory, items / loaded.load, p50, p99,
        float(np.mean(loaded.plain.recalls)),
    )  # fmt: skip


def encoding_table(encoded: Sequence[Encoded]) -> str:
    """Hours of encoding."""
    head = ["model", "picture", "KB", "images a core-second", *map(power, COUNTS)]
    rows = []
    for one in encoded:
        hours = [f"{count / one.rate / NODE_CORES / 3600:,.1f} h" for count in COUNTS]
        rows.append([one.model, one.picture, f"{one.bytes / 1e3:,.0f}", f"{one.rate:,.1f}", *hours])
    return f"Hours of one machine with {NODE_CORES} cores like this one's; of N machines an Nth:\n\n{markdown(head, rows)}"


def file_table(encoded: Sequence[Encoded], held: Sequence[Held]) -> str:
    """Bytes of pictures that are read, and of descriptors that are written."""
    pictures = {one.picture: one.bytes for one in encoded}
    rows = [
        [f"pictures read: {kind}", f"{size:,.0f}", *(gigabytes(size * count) for count in COUNTS)]
        for kind, size in pictures.items()
    ]
    rows += [
        [f"Parquet of {one.model}, {one.dim} numbers", f"{one.parquet:,.0f}", *(gigabytes(one.parquet * n) for n in COUNTS)]
        for one in held
    ]
    return f"Files:\n\n{markdown(['what', 'bytes an image', *map(power, COUNTS)], rows)}"


def memory_table(held: Sequence[Held]) -> str:
    """Memory of query nodes, hours of loading, and searches of what was measured."""
    head = ["model", "bytes an item", *(f"{power(count)}: memory, nodes, load" for count in COUNTS), "measured with"]
    rows = []
    for one in held:
        cells = []
        for count in COUNTS:
            nodes = -(-one.memory * count // (NODE_MEMORY * USABLE))
            cells.append(f"{gigabytes(one.memory * count)}, {nodes:,.0f}, {count / one.load_rate / 3600:,.1f} h")
        speed = f"{one.load_rate:,.0f} a second, p50 {one.p50:.1f} ms, p99 {one.p99:.1f} ms"
        told = f"{one.items:,} items: {speed}, recall {one.recall:.3f}"
        rows.append([f"{one.model}, {one.dim} numbers", f"{one.memory:,.0f}", *cells, told])
    note = f"One replica; nodes of {NODE_MEMORY / 1e9:.0f} GB, {USABLE:.0%} of it filled; loading by one command:"
    return f"{note}\n\n{markdown(head, rows)}"


def power(count: int) -> str:
    """A number of images as a column is called."""
    return f"10^{len(str(count)) - 1}"


def gigabytes(size: float) -> str:
    """Bytes in words."""
    if size >= 1e15:
        return f"{size / 1e15:,.1f} PB"
    return f"{size / 1e12:,.1f} TB" if size >= 1e12 else f"{size / 1e9:,.0f} GB"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
