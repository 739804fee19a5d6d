"""What the server costs beside what it serves: `python benchmarks/serve.py [--items N] [--clients N ...] [--seconds S]`.

A collection of generated descriptors is served by a process of its own, and asked over the loopback by 1 to 128 clients, each
with one connection and one question at a time: items, and pictures that are sent (each another one, so that none is known). Told
are for each number of clients: answers a second, their times, how many were refused as busy, the memory of the server at the end,
and its processor time for an answer beside that of what has to be done in any case (decoding, encoding, `Collection.search`),
measured in this process before and after.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from machine import describe_machine
from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.images.decode import decode_pixels
from podoba.models.encoder import Encoder
from scenes import KINDS, scene

HITS = 60
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
Question = Callable[[int], bytes]


@dataclass
class Outcome:
    """What clients got.

    Attributes:
        statuses: of the answers.
        seconds: of each answer that was none of them refused.
        processor: seconds of the server for all of them.
        memory: bytes of the server and its processes at the end.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    processor: float = 0.0
    memory: int = 0


def make_collection(path: Path, items: int, pictures: Path) -> None:
    """A collection of a few drawn pictures, which bring its model, and of generated descriptors in their directions."""
    for kind, number in itertools.product(sorted(KINDS), range(4)):
        place = pictures / kind / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        scene(kind, number).resize((1200, 900)).save(place, quality=90)
    rng = np.random.default_rng(0)
    with Collection.open(path, create=True) as opened:
        opened.update([pictures], "small")
        known = opened.vectors().matrix
        for start in range(0, items, 20_000):
            numbers = range(start, min(items, start + 20_000))
            x = known[rng.integers(0, len(known), len(numbers))] + 0.05 * rng.standard_normal((len(numbers), known.shape[1]))
            x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
            rows = [
                Item(f"{i:016x}", f"/pictures/{i}.jpg", "/pictures", f"kind {i % 60}", f"{i:064x}", i, None, 640, 480, "JPEG")
                for i in numbers
            ]
            opened.put(rows, x)
        opened.refresh_index()


@contextmanager
def serving(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """A server in a process of its own: its number, and what it printed."""
    command = [sys.executable, "-m", "podoba", "serve", str(path), "--port", "0", "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("}\n}\n"):
            said += process.stdout.readline()
        yield process.pid, json.loads(said)
        process.terminate()


def processes(pid: int) -> Iterator[int]:
    """A process and those that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield from processes(int(child))


def processor_seconds(pid: int) -> float:
    """Of a process, of those that it started, and of those of them that have ended."""
    stats = [Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for one in processes(pid)]
    return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / TICKS


def memory(pid: int) -> int:
    """Bytes of a process and of those that it started."""
    return sum(int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1]) for one in processes(pid)) * PAGE


class Questions:
    """Requests as bytes, each another one."""

    def __init__(self, told: dict[str, Any], name: str, ids: list[str], pictures: list[bytes]) -> None:
        self._ids, self._pictures = ids, pictures
        self._host = told["address"].partition("//")[2]
        self._line = (
            f"POST /api/v1/collections/{name}/search HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {told['token']}\r\n"
        )

    def item(self, number: int) -> bytes:
        """What is like an item?"""
        body = json.dumps({"query": [{"item": self._ids[number * 7919 % len(self._ids)]}], "k": HITS}).encode()
        return self._request("application/json", body)

    def picture(self, number: int) -> bytes:
        """What is like this picture? A few bytes behind its end make it another one."""
        data = self._pictures[number % len(self._pictures)] + number.to_bytes(8, "little")
        head = b"--edge\r\nContent-Disposition: form-data; name="
        asked = json.dumps({"query": [{"image": 0}], "k": HITS}).encode()
        file = b'"image_0"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts = head + b'"query"\r\n\r\n' + asked + b"\r\n" + head + file + data + b"\r\n--edge--\r\n"
        return self._request("multipart/form-data; boundary=edge", parts)

    def _request(self, kind: str, body: bytes) -> bytes:
        return f"{self._line}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def one_client(port: int, question: Question, numbers: Iterator[int], end: float, outcome: Outcome) -> None:
    """Ask one question after the other until it is time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        request = question(next(numbers))
        begun = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        status = int(head.split()[1])
        outcome.statuses[status] += 1
        if status == 200:
            outcome.seconds.append(time.perf_counter() - begun)
        else:
            await asyncio.sleep(1)  # as a refusal asks for
    writer.close()


def ask(pid: int, port: int, question: Question, numbers: Iterator[int], clients: int, seconds: float) -> Outcome:
    """Let clients ask for some seconds."""

    async def all_clients() -> Outcome:
        outcome, end = Outcome(), time.perf_counter() + seconds
        await asyncio.gather(*(one_client(port, question, numbers, end, outcome) for _ in range(clients)))
        return outcome

    before = processor_seconds(pid)
    outcome = asyncio.run(all_clients())
    outcome.processor, outcome.memory = processor_seconds(pid) - before, memory(pid)
    return outcome


def in_any_case(path: Path, ids: list[str], pictures: list[bytes], count: int) -> dict[str, float]:
    """Processor seconds of what is behind an answer: for an item, and for a picture."""
    with Collection.open(path) as opened:
        encoder: Encoder = opened.store.models.open_encoder(threads=1)

        def item(number: int) -> None:
            opened.search(f"id:{ids[number * 7919 % len(ids)]}", k=HITS)

        def picture(number: int) -> None:
            decoded = decode_pixels(pictures[number % len(pictures)], "picture", encoder.card.pixels)
            opened.search(encoder.encode(decoded.pixels[None])[0], k=HITS)

        found = {}
        for name, work in (("item", item), ("picture", picture)):
            for number in range(20):
                work(number)
            begun = time.process_time()
            for number in range(20, 20 + count):
                work(number)
            found[name] = (time.process_time() - begun) / count
    return found


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=60_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--seconds", type=float, default=60.0, help="for each kind of question and number of clients")
    parser.add_argument("--count", type=int, default=300, help="questions of what is compared with, before and after")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "load.podoba"
        make_collection(path, chosen.items, Path(folder) / "pictures")
        drawn = [io.BytesIO() for _ in range(24)]
        for number, file in enumerate(drawn):
            scene(sorted(KINDS)[number % len(KINDS)], 100 + number).resize((1200, 900)).save(file, "JPEG", quality=90)
        pictures, ids = [file.getvalue() for file in drawn], [f"{number:016x}" for number in range(chosen.items)]
        compared = [in_any_case(path, ids, pictures, chosen.count)]
        rows: list[tuple[str, int, Outcome]] = []
        with serving(path) as (pid, told):
            questions, numbers = Questions(told, path.stem, ids, pictures), itertools.count()
            port = int(told["address"].rpartition(":")[2])
            for kind, question in (("item", questions.item), ("picture", questions.picture)):
                ask(pid, port, question, numbers, 4, min(2.0, chosen.seconds))
                rows += [(kind, n, ask(pid, port, question, numbers, n, chosen.seconds)) for n in chosen.clients]
        compared.append(in_any_case(path, ids, pictures, chosen.count))
    report(rows, {kind: (compared[0][kind] + compared[1][kind]) / 2 for kind in compared[0]}, chosen)


def figures_of(kind: str, clients: int, outcome: Outcome, compared: float, seconds: float) -> dict[str, Any]:
    """What is told of one number of clients."""
    answered = outcome.statuses[200]
    p50, p95, p99 = np.percentile(outcome.seconds, [50, 95, 99]) * 1000
    cost = outcome.processor / answered
    return {
        "kind": kind, "clients": clients, "answers_a_second": answered / seconds, "statuses": dict(outcome.statuses),
        "p50_ms": float(p50), "p95_ms": float(p95), "p99_ms": float(p99), "processor_ms": 1000 * cost,
        "in_any_case_ms": 1000 * compared, "ratio": cost / compared, "memory_mb": outcome.memory / 1e6,
    }  # fmt: skip


def report(rows: list[tuple[str, int, Outcome]], compared: dict[str, float], chosen: argparse.Namespace) -> None:
    """Print what was measured."""
    figures = [figures_of(kind, clients, outcome, compared[kind], chosen.seconds) for kind, clients, outcome in rows]
    if chosen.json:
        print(
            json.dumps(
                {"machine": describe_machine(), "items": chosen.items, "seconds": chosen.seconds, "rows": figures}, indent=2
            )
        )
        return
    print(describe_machine())
    for row in figures:
        print(
            f"{row['kind']:8} {row['clients']:4} clients: {row['answers_a_second']:7.1f}/s, p50 {row['p50_ms']:7.1f} ms, "
            f"p95 {row['p95_ms']:7.1f}, p99 {row['p99_ms']:7.1f}; processor {row['processor_ms']:6.2f} ms, in any case "
            f"{row['in_any_case_ms']:6.2f}, ratio {row['ratio']:.2f}; {row['memory_mb']:.0f} MB; {row['statuses']}"
        )


if __name__ == "__main__":
    main()
