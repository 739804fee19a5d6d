"""From nothing to answers: photographs in a bucket, encoded with Ray, loaded into Milvus, served, searched by the API.

Every photograph must be there once, and the answers must be those of a collection file of the same photographs:

    PYTHONPATH=benchmarks python -m scale.story --images 300
    PYTHONPATH=benchmarks python -m scale.story --images 20000 --model photo --json story.json
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance

from machine import core_count, describe_machine
from podoba import Client, Collection, open_collection
from scale.figures import Figure, as_json, as_table
from scale.processes import LOOPBACK, Processes, free_port, listens
from scale.server import milvus_standalone
from scenes import KINDS, scene

BUCKET, BELOW = "story", "photographs"
DRAWN = 1200  # scenes that are drawn; the others are parts of them in another light
QUERIES = 12
K = 20
NEAR = 2e-3  # a descriptor travels to a server in half precision; equal similarities may come in another order
Answers = list[tuple[str, float]]
"""Id and similarity of each hit."""


@dataclass
class Story:
    """What is known on the way.

    Attributes:
        folder: for files of this machine.
        seconds: of each step, by its name.
    """

    folder: Path
    images: int
    model: str
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, *arguments: str) -> str:
        """Run a command of podoba and note its time. Returns what it printed.

        Raises:
            RuntimeError: it failed.
        """
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "podoba", *arguments], capture_output=True, text=True)
        self.seconds[name] = time.perf_counter() - begun
        if done.returncode != 0:
            raise RuntimeError(f"podoba {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout


@dataclass
class Compared:
    """Searches of the database by the API, beside exact ones of a file.

    Attributes:
        seconds: of each as it is usually asked.
        found, expected: hits of these that are among those of the file, and hits of the file.
        same: searches whose exact answer is the file's.
    """

    searches: int
    seconds: list[float] = field(default_factory=list)
    found: int = 0
    expected: int = 0
    same: int = 0


def tell(story: Story) -> list[Figure]:
    """The whole story."""
    pictures, descriptors = f"s3://{BUCKET}/{BELOW}", f"s3://{BUCKET}/descriptors"
    with bucket(story.folder), milvus_standalone() as (host, _):
        names = upload(story.images)
        address = f"milvus://{host}/photographs"
        story.step("index", "index", pictures, "--into", descriptors, "--model", story.model, "--on", "ray")
        story.step("load", "vectors", "load", address, descriptors)
        story.step("file", "index", str(story.folder / "file.podoba"), pictures, "--model", story.model)
        with open_collection(address) as there:
            uris = sorted(item.uri for item in there.index.store.items.first(2 * len(names)))
        with served(address) as client, Collection.open(story.folder / "file.podoba") as file:
            name = client.collections()[0].name
            once = sum(a.endswith(b) for a, b in zip(uris, names, strict=False)) if len(uris) == len(names) else 0
            compared = compare(client, name, file, story.folder)
    return [
        Figure("photographs in the bucket", story.images),
        *(Figure(f"`{step}`", seconds, "s") for step, seconds in story.seconds.items()),
        Figure("photographs in the vector database", len(uris), "", story.images, story.images),
        Figure("of them once, by their names", once, "", story.images),
        Figure("searches by the API", compared.searches),
        Figure("hits of them that are those of an exact search in a file", compared.found / compared.expected, "", 0.97),
        Figure("searches whose exact answer is that of the file", compared.same, "", compared.searches),
        Figure("search by the API, median", float(np.median(compared.seconds)) * 1000, "ms"),
    ]


@contextmanager
def bucket(folder: Path) -> Iterator[None]:
    """An object store on this machine, of which every process that is started knows by its environment."""
    port = free_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
    }  # fmt: skip
    with Processes(folder / "logs") as processes:
        processes.start("s3", [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)])
        processes.wait_for("s3", lambda: listens(port))
        yield


def upload(count: int) -> list[str]:
    """Photographs into the bucket, each in the folder of what it shows. Returns their names below it, sorted."""
    import s3fs

    store = s3fs.S3FileSystem(skip_instance_cache=True)
    store.mkdir(BUCKET)

    def put(number: int) -> str:
        kind = sorted(KINDS)[number % DRAWN % len(KINDS)]
        name = f"{BELOW}/{kind.replace(' ', '-')}/{number:06d}.jpg"
        store.pipe_file(f"{BUCKET}/{name}", photograph(kind, number))
        return name

    with ThreadPoolExecutor(core_count()) as pool:
        return sorted(pool.map(put, range(count)))


def photograph(kind: str, number: int) -> bytes:
    """JPEG of a scene, or of a part of one in another light."""
    picture = _scene(kind, number % DRAWN)
    if number >= DRAWN:
        rng = np.random.default_rng(number)
        width, height = (int(side * rng.uniform(0.6, 0.9)) for side in picture.size)
        left, top = int(rng.integers(picture.width - width)), int(rng.integers(picture.height - height))
        part = picture.crop((left, top, left + width, top + height))
        picture = ImageEnhance.Color(ImageEnhance.Brightness(part).enhance(rng.uniform(0.7, 1.3))).enhance(rng.uniform(0.5, 1.5))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


@cache
def _scene(kind: str, number: int) -> Image.Image:
    return scene(kind, number)


@contextmanager
def served(address: str) -> Iterator[Client]:
    """`podoba serve` of an address, and a client of it."""
    command = [sys.executable, "-m", "podoba", "serve", address, "--port", "0", "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told: dict[str, Any] = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            with Client(told["link"]) as client:
                yield client
        finally:
            process.terminate()


def compare(client: Client, name: str, file: Collection, folder: Path) -> Compared:
    """Ask both by a photograph, with filters, by words where the model knows them; with the database's index, and exactly."""
    words = client.collection(name).model
    questions: list[tuple[Any, dict[str, Any]]] = []
    for number in range(QUERIES):
        kind = sorted(KINDS)[number % len(KINDS)]
        path = folder / f"query-{number}.jpg"
        scene(kind, 1_000_000 + number).save(path, "JPEG", quality=90)
        other = sorted(KINDS)[(number + 1) % len(KINDS)].replace(" ", "-")
        questions += [(str(path), {}), (str(path), {"where": f"label == '{other}'"}), (str(path), {"where": "width > 400"})]
        if words is not None and words.words:
            questions.append((f"text:a photograph of {kind}", {}))
    outcome = Compared(len(questions))
    for query, options in questions:
        begun = time.perf_counter()
        found = hits(client.search(name, query, k=K, **options))
        outcome.seconds.append(time.perf_counter() - begun)
        expected = hits(file.search(query, k=K, exact=True, **options))
        outcome.found += len(dict(found).keys() & dict(expected).keys())
        outcome.expected += len(expected)
        outcome.same += equal(hits(client.search(name, query, k=K, exact=True, **options)), expected)
    return outcome


def hits(result: Iterable[Any]) -> Answers:
    """What was found, most similar first."""
    return [(hit.id, hit.similarity) for hit in result]


def equal(found: Answers, expected: Answers) -> bool:
    """Whether two lists of hits are the same, up to the order of those that are equally similar."""
    if len(found) != len(expected) or any(abs(a[1] - b[1]) > NEAR for a, b in zip(found, expected, strict=True)):
        return False
    last = expected[-1][1] if expected else 0.0
    return all(
        {id_ for id_, similarity in one if similarity > last + 2 * NEAR} <= {id_ for id_, _ in other}
        for one, other in ((found, expected), (expected, found))
    )


def main() -> None:
    """Tell the story, print a table; fails where something was lost or answered otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--model", default="photo")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="scale-story-") as folder:
        figures: Sequence[Figure] = tell(Story(Path(folder), arguments.images, arguments.model))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"machine": machine, "parts": as_json({"story": figures})}, indent=2) + "\n")
    print(", ".join(f"{name}: {value}" for name, value in machine.items()), end="\n\n")
    print(as_table({"story": figures}))
    if not all(figure.reached for figure in figures):
        sys.exit("something was lost, or answered otherwise")


if __name__ == "__main__":
    main()
